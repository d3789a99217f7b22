"""An example for each rule of `lint`, in both languages: the wording it speaks up about, and a better one."""

from collections.abc import Mapping

Example = Mapping[str, tuple[str, str]]

EXAMPLES: Mapping[str, Example] = {
    "too_many_objectives": {
        "en": (
            "Amy owns five objectives, one of them 'Tidy the wiki'",
            "Amy owns two: 'Customers trust our service' and 'New people feel at home in a week'",
        ),
        "zh-TW": (
            "王小明有 5 個目標，其中一個是「整理內部文件」",
            "王小明有 2 個目標：「讓客戶信賴我們的服務」與「讓新人一週內就上手」",
        ),
    },
    "key_result_count": {
        "en": (
            "'Customers trust our service' with one key result",
            "the same with three: fewer bugs, quicker replies, more renewals",
        ),
        "zh-TW": ("「讓客戶信賴我們的服務」只有 1 項關鍵成果", "同一目標有 3 項：Bug 變少、回覆變快、續約變多"),
    },
    "objective_figure": {
        "en": ("Grow revenue by 30%", "Companies choose us first"),
        "zh-TW": ("營收成長 30%", "成為企業客戶的首選"),
    },
    "objective_vague": {
        "en": ("Do better", "Customers get help the first time they ask"),
        "zh-TW": ("優化客服", "讓客戶第一次詢問就得到解答"),
    },
    "unaligned": {
        "en": ("O2 of the support team, with no `aligns_to`", "O2 with `aligns_to: C1`, the company's objective"),
        "zh-TW": ("客服團隊的 O2 沒有 `aligns_to`", "O2 寫上 `aligns_to: C1`，對齊公司目標"),
    },
    "no_owner": {
        "en": ("owner: (empty)", "owner: Amy Chen"),
        "zh-TW": ("負責人：（空白）", "負責人：王小明"),
    },
    "several_owners": {
        "en": ("owner: Amy, Bob and Cid", "owner: Amy; helpers: Bob, Cid"),
        "zh-TW": ("負責人：王小明、李小華、陳大文", "負責人：王小明；協助人：李小華、陳大文"),
    },
    "no_finish_line": {
        "en": ("Replies get quicker", "Replies within 4 hours: `baseline: 10`, `target: 4`"),
        "zh-TW": ("回覆變快", "平均回覆時間縮短至 4 小時：`baseline: 10`、`target: 4`"),
    },
    "nothing_moves": {
        "en": ("`baseline: 90%`, `target: 90%`", "`baseline: 90%`, `target: 95%`"),
        "zh-TW": ("`baseline: 90%`、`target: 90%`", "`baseline: 90%`、`target: 95%`"),
    },
    "task": {
        "en": ("Publish 10 posts", "Interactions with our posts grow by 2,000"),
        "zh-TW": ("發 10 篇社群貼文", "社群互動數增加 2,000 次"),
    },
    "too_easy": {
        "en": ("last cycle: 1.0, 1.0, 1.0", "a cycle that ends with 0.7, 0.6, 1.0"),
        "zh-TW": ("上個週期：1.0、1.0、1.0", "期末得到 0.7、0.6、1.0 的週期"),
    },
    "too_hard": {
        "en": ("last cycle: 0.1, 0.2, 0.0", "fewer key results that end with 0.6 or 0.7"),
        "zh-TW": ("上個週期：0.1、0.2、0.0", "項目少一點、期末能到 0.6 或 0.7"),
    },
}
"""By rule and language: (instead of, better)."""
