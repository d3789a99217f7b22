from decimal import Decimal

import pytest

from syncer.method.advice_texts import TEXTS
from syncer.method.lint import RULES, LintKeyResult, LintObjective, advise, has_figure, is_task, is_vague, owner_count
from syncer.present.lint_text import sentence

D = Decimal


@pytest.mark.parametrize(
    "title",
    [
        "讓客戶信賴我們的服務",
        "成為 B2B 客戶的首選",
        "讓 5G 服務人人可用",
        "取得 ISO 27001 認證的信任",
        "通過 ISO/IEC 27001 的精神",
        "推動工業 4.0 的文化",
        "2026 年讓新人願意留下來",
        "在 2026 Q4 站穩日本市場",
        "Be the partner that B2B customers choose in 2026",
        "Make 3D printing part of every lesson",
        "Win back trust after COVID-19",
        "全年 24/7 都有人接住客戶",
        "一成不變的流程不再困擾同仁",
        "第 2 季讓通路夥伴願意推薦我們",
    ],
)
def test_names_are_no_figures(title: str) -> None:
    assert not has_figure(title)


@pytest.mark.parametrize(
    "title",
    ["營收成長 30%", "讓九成民眾滿意", "業績成長三倍", "簽下 10 家客戶", "Reach 500 customers", "Grow 3x", "NPS 50",
     "百分之九十的客戶滿意", "達成五十萬營收", "B2B 營收 300 萬"],
)  # fmt: skip
def test_figures_are_seen(title: str) -> None:
    assert has_figure(title)


@pytest.mark.parametrize(
    "title", ["變更好", "讓服務變得更好", "優化流程", "流程優化", "Improve things", "Do better", "Optimize"]
)
def test_vague_objectives_are_seen(title: str) -> None:
    assert is_vague(title)


@pytest.mark.parametrize(
    "title",
    ["讓客戶信賴我們的服務", "優化結帳流程，讓顧客不再放棄購物車", "Optimise checkout so that nobody gives up",
     "Offer better care close to home", "提升品牌在年輕族群的信任"],
)  # fmt: skip
def test_clear_objectives_are_left_alone(title: str) -> None:
    assert not is_vague(title)


@pytest.mark.parametrize(
    "title",
    ["發 10 篇社群貼文", "每週發 3 篇貼文", "舉辦 5 場說明會", "建立客戶資料庫", "導入新的 CRM 系統", "完成官網改版",
     "Launch the new site", "Set up a data warehouse", "Publish 10 blog posts", "Ship the audit log", "Build a portal"],
)  # fmt: skip
def test_tasks_are_seen(title: str) -> None:
    assert is_task(title)


@pytest.mark.parametrize(
    "title",
    [
        "新簽約 10 家企業客戶，達成 50 萬營收",
        "完成 3 場產品展示會，並吸引 200 名潛在客戶",
        "完成 80% 的 CRM 資料更新",
        "網站月流量成長 30%，達 5 萬次瀏覽",
        "社群互動數增加 2,000 次",
        "完成 2 場線上直播，參與人數達 500 人",
        "平均客服回應時間縮短至 1 小時以內",
        "客戶滿意度達 90% 以上",
        "每月解決 90% 的客戶問題，客訴率降低 10%",
        "九成民眾 45 分鐘內可達診所",
        "發現問題到修復的時間縮短至 2 小時",
        "Run 3 product demos and attract 200 leads",
        "Complete 80% of the CRM updates",
        "Cut the p90 review time to 8 hours",
        "Launch-day signups reach 500",
        "Build time stays under 5 minutes",
        "Release frequency doubles to 4 a week",
    ],
)
def test_outcomes_and_measured_shares_are_left_alone(title: str) -> None:
    assert not is_task(title)


@pytest.mark.parametrize(
    ("owner", "count"),
    [(None, 0), ("", 0), (" ", 0), ("王小明", 1), ("陳和平", 1), ("Amy Chen", 1), ("Andy Sand", 1),
     ("王小明、李小華", 2), ("Amy and Bob", 2), ("Amy, Bob & Cid", 3), ("a@x.tw; b@x.tw", 2)],
)  # fmt: skip
def test_owners_are_counted(owner: str | None, count: int) -> None:
    assert owner_count(owner) == count


def key_results(count: int = 3) -> tuple[LintKeyResult, ...]:
    return tuple(LintKeyResult(f"KR{n}", "客戶滿意度達 90% 以上", "王小明") for n in range(1, count + 1))


GOOD = LintObjective("O1", "讓客戶信賴我們的服務", "王小明", key_results=key_results())


def test_good_okrs_get_no_advice() -> None:
    assert advise([GOOD]) == ()


@pytest.mark.parametrize(
    ("objectives", "rule", "subject", "principle"),
    [
        ([LintObjective(f"O{n}", GOOD.title, "Amy", key_results=key_results()) for n in range(4)],
         "too_many_objectives", "Amy", "focus"),
        ([LintObjective("O1", GOOD.title, key_results=key_results(2))], "key_result_count", "O1", "focus"),
        ([LintObjective("O1", GOOD.title, key_results=key_results(6))], "key_result_count", "O1", "focus"),
        ([LintObjective("O1", "營收成長 30%", key_results=key_results())], "objective_figure", "O1", "focus"),
        ([LintObjective("O1", "優化", key_results=key_results())], "objective_vague", "O1", "focus"),
        ([LintObjective("O1", GOOD.title, top=False, key_results=key_results())], "unaligned", "O1", "alignment"),
        ([LintObjective("O1", GOOD.title, aligns_to=("O2",), not_above=("O2",), key_results=key_results())],
         "not_above", "O1", "alignment"),
        ([LintObjective("O1", GOOD.title, key_results=(*key_results(), LintKeyResult("KR9", "NPS 50")))],
         "no_owner", "KR9", "commitment"),
        ([LintObjective("O1", GOOD.title, key_results=(*key_results(), LintKeyResult("KR9", "NPS 50", "A、B")))],
         "several_owners", "KR9", "commitment"),
        ([LintObjective("O1", GOOD.title,
                        key_results=(*key_results(), LintKeyResult("KR9", "NPS", "A", has_target=False)))],
         "no_finish_line", "KR9", "tracking"),
        ([LintObjective("O1", GOOD.title,
                        key_results=(*key_results(), LintKeyResult("KR9", "NPS", "A", baseline=D(5), target=D(5))))],
         "nothing_moves", "KR9", "tracking"),
        ([LintObjective("O1", GOOD.title, key_results=(*key_results(), LintKeyResult("KR9", "發 10 篇社群貼文", "A")))],
         "task", "KR9", "tracking"),
    ],
)  # fmt: skip
def test_each_rule_speaks_alone(objectives: list[LintObjective], rule: str, subject: str, principle: str) -> None:
    (advice,) = advise(objectives)
    assert (advice.rule, advice.id, advice.principle) == (rule, subject, principle)
    printed = [
        sentence(advice, message, language)
        for message in (advice.reason, advice.better)
        for language in ("en", "zh-TW")
    ]
    assert len(set(printed)) == len(printed)
    assert "{" not in "".join(printed)


def test_three_objectives_are_not_too_many() -> None:
    assert advise([LintObjective(f"O{n}", GOOD.title, "Amy", key_results=key_results()) for n in range(3)]) == ()


def test_objectives_of_different_cycles_are_counted_apart() -> None:
    objectives = [
        LintObjective(f"O{n}", GOOD.title, "Amy", cycle=f"2026-Q{n}", key_results=key_results()) for n in range(1, 5)
    ]
    assert advise(objectives) == ()


def test_an_aligned_objective_below_the_top_is_fine() -> None:
    assert advise([LintObjective("O2", GOOD.title, aligns_to=("O1",), top=False, key_results=key_results())]) == ()


@pytest.mark.parametrize(
    ("scores", "rule"),
    [(["1.0", "1.0"], "too_easy"), (["0.2", "0.1"], "too_hard"), (["1.0", "0.6"], None), (["0.3", "0.2"], None)],
)
def test_last_cycles_scores_tell_whether_targets_stretch(scores: list[str], rule: str | None) -> None:
    given = advise([GOOD], [D(score) for score in scores])
    carried = advise(
        [
            LintObjective(
                "O1",
                GOOD.title,
                key_results=tuple(
                    LintKeyResult(f"KR{n}", "NPS 50", "A", last_score=D(score) if score else None)
                    for n, score in enumerate([*scores, None])
                ),
            )
        ]
    )
    assert [advice.rule for advice in given] == [advice.rule for advice in carried] == ([rule] if rule else [])
    assert all(advice.principle == "stretch" for advice in given)


def test_every_rule_has_its_texts() -> None:
    assert set(TEXTS) == {*RULES, "too_easy", "too_hard"}


def test_advice_comes_by_principle() -> None:
    objectives = [LintObjective("O1", "變更好", top=False, key_results=(LintKeyResult("KR1", "上線新官網", "A、B"),))]
    principles = [advice.principle for advice in advise(objectives, [D(1)])]
    assert principles == ["focus", "focus", "alignment", "commitment", "tracking", "stretch"]
