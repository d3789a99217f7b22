"""What `lint` says, by rule: why it speaks up, and what to write instead, in both languages."""

from collections.abc import Mapping

ByLanguage = Mapping[str, str]

TEXTS: Mapping[str, tuple[ByLanguage, ByLanguage]] = {
    "too_many_objectives": (
        {
            "en": "{owner} has {count} objectives in one cycle; nobody can put that many first.",
            "zh-TW": "{owner} 在同一週期有 {count} 個目標，很難都擺在第一位。",
        },
        {
            "en": "Keep the one to three that matter most; the others can wait for the next cycle.",
            "zh-TW": "留下最重要的 1 到 3 個，其餘的可以等下個週期。",
        },
    ),
    "key_result_count": (
        {
            "en": "Its key results number {count}; three to five prove an objective from all sides and stay in mind.",
            "zh-TW": "它有 {count} 項關鍵成果；3 到 5 項最能完整反映目標，又不會分散力氣。",
        },
        {
            "en": "Add what else would prove the objective, or only watch the least telling ones as KPIs.",
            "zh-TW": "補上還能證明目標達成的成果，或把最不關鍵的改列為關鍵績效指標。",
        },
    ),
    "objective_figure": (
        {
            "en": "The objective holds a figure; figures belong to its key results.",
            "zh-TW": "目標裡有數字；數字應該放在關鍵成果。",
        },
        {
            "en": "Say in words what will be better and for whom, and make the figure a key result.",
            "zh-TW": "用文字說明誰會因此變得更好，把數字改寫成一項關鍵成果。",
        },
    ),
    "objective_vague": (
        {
            "en": "The objective only wishes for better; nobody can tell when it is reached.",
            "zh-TW": "目標只說要更好，看不出做到什麼樣子才算達成。",
        },
        {
            "en": "Say what is different at the end and for whom: 'Customers trust our service'.",
            "zh-TW": "寫出期末時誰會有什麼不同，例如「讓客戶信賴我們的服務」。",
        },
    ),
    "unaligned": (
        {
            "en": "It does not align to any objective above it.",
            "zh-TW": "它沒有對齊任何上層目標。",
        },
        {
            "en": "Name the objective or key result it serves in `aligns_to`, or ask whether it is needed this cycle.",
            "zh-TW": "在 `aligns_to` 寫出它支持的目標或關鍵成果，或想想這個週期是否真的需要它。",
        },
    ),
    "no_owner": (
        {
            "en": "Nobody is named who answers for it.",
            "zh-TW": "還沒有負責人。",
        },
        {
            "en": "Name one person in `owner`; many may help.",
            "zh-TW": "在 `owner` 寫一位負責人，其他人可以一起協助。",
        },
    ),
    "several_owners": (
        {
            "en": "It has {count} owners; where several answer, often nobody does.",
            "zh-TW": "它有 {count} 位負責人；大家都負責，往往變成沒有人負責。",
        },
        {
            "en": "Name one owner, and the others as helpers, or give each their own key result.",
            "zh-TW": "留一位負責人，其他人列為協助人，或各自拆成一項關鍵成果。",
        },
    ),
    "no_finish_line": (
        {
            "en": "It has no finish line, so nobody can tell whether it is reached.",
            "zh-TW": "它沒有目標值，無法判斷是否達成。",
        },
        {
            "en": "Give it a number to reach: `target`, or a `baseline` and a `change` such as +30%.",
            "zh-TW": "寫出要達到的數字：`target`，或 `baseline` 加上 `change`（例如 +30%）。",
        },
    ),
    "nothing_moves": (
        {
            "en": "Its target is its baseline: it is reached before it begins.",
            "zh-TW": "目標值和起始值相同，還沒開始就已達成。",
        },
        {
            "en": "Set a target that differs, or watch the number as a health metric.",
            "zh-TW": "訂一個不同的目標值，或改列為健康指標來觀察。",
        },
    ),
    "task": (
        {
            "en": "It is something to do, not what comes of it: it can be done without anything getting better.",
            "zh-TW": "這是要做的事，不是成果：做完了，情況不一定變好。",
        },
        {
            "en": "Measure what it is for, and keep the task as an action: 'Posts' becomes 'Interactions +2,000'.",
            "zh-TW": "改為衡量它帶來的結果，事情本身列為行動方案，例如「發文」改成「社群互動數增加 2,000 次」。",
        },
    ),
    "too_easy": (
        {
            "en": "Every key result scored 1.0 in the last cycle: the targets were too easy.",
            "zh-TW": "上個週期每項關鍵成果都是 1.0 分，目標訂得太容易。",
        },
        {
            "en": "Aim where 0.6 to 0.7 would already be good.",
            "zh-TW": "把目標訂到「做到 0.6 至 0.7 就很好」的程度。",
        },
    ),
    "too_hard": (
        {
            "en": "Every key result scored below 0.3 in the last cycle: the targets were out of reach, or too many.",
            "zh-TW": "上個週期每項關鍵成果都低於 0.3 分，目標太難或太多。",
        },
        {
            "en": "Choose fewer, and targets of which about two thirds can be reached.",
            "zh-TW": "減少數量，並訂出大約能做到三分之二的目標值。",
        },
    ),
}
"""Each rule's (reason, better), by language. `{count}` and `{owner}` are filled in."""
