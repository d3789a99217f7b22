"""Sample issues for the demo: one project, deterministic for the same days.

CORE has 60 issues: 20 bugs created within the cycle, of which 15 are done; 8 older bugs; 24 stories of 80 story points,
of which 55 are done; 6 tasks; 2 epics. Everything happened before `today`, however young the cycle is. Its board has
two sprints: of the 80 points that the first was planned with, 29 were done in it; the others moved on to the second.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from config.languages import Language
from connectors.sandbox.jira.boards import Board, BoardSprint
from connectors.sandbox.jira.issues import SPRINT, Issue, Sprint

_PEOPLE = ("林怡君", "陳建宏", "王淑芬", "張家豪", "李雅婷", "黃志明")
_COMPONENTS = ("api", "web", "mobile")
_PRIORITIES = ("High", "Medium", "Low", "Highest")
_DONE_POINTS = (5, 3, 3, 5, 2, 3, 5, 3, 2, 5, 3, 3, 5, 3, 2, 3)
_OPEN_POINTS = (5, 3, 2, 3, 5, 2, 3, 2)
_OPEN_BUGS = 5
_TURN = 0.47
"""When the first sprint ended, as a share of the time from the cycle's begin."""
_BUGS = (
    ("Login fails after password reset", "重設密碼後無法登入"),
    ("Invoice shows the wrong tax", "發票稅額顯示錯誤"),
    ("Export to CSV loses Chinese characters", "匯出 CSV 時中文變成亂碼"),
    ("Search is slow with many filters", "篩選條件多時搜尋很慢"),
    ("Notification is sent twice", "通知重複寄送"),
    ("Date picker shows the wrong week", "日期選擇器顯示錯誤的週次"),
    ("Attachment upload stops at 10 MB", "附件超過 10 MB 無法上傳"),
    ("Session ends too early", "登入狀態過早失效"),
    ("Report totals do not add up", "報表合計不正確"),
    ("Map does not load on older phones", "舊款手機無法載入地圖"),
)
_STORIES = (
    ("Customers can pay with Line Pay", "顧客可以用 LINE Pay 付款"),
    ("Managers see overdue orders at a glance", "主管可以一眼看到逾期訂單"),
    ("Customers can reschedule a delivery", "顧客可以更改配送時間"),
    ("Support can merge duplicate tickets", "客服可以合併重複的案件"),
    ("Sales can copy a quotation", "業務可以複製報價單"),
    ("Customers can download e-invoices", "顧客可以下載電子發票"),
    ("Admins can set roles per department", "管理員可以依部門設定角色"),
    ("Customers can follow an order by SMS", "顧客可以用簡訊追蹤訂單"),
)
_TASKS = (
    ("Renew the certificates", "更新憑證"),
    ("Move backups to the new region", "將備份移到新的機房"),
    ("Upgrade the database", "升級資料庫"),
)
_EPICS = (("Trusted service", "值得信賴的服務"), ("Faster checkout", "更快的結帳流程"))
_AGAIN = {"en": " ({})", "zh-TW": "（{}）"}


def sample_issues(first_day: date, today: datetime, language: Language = "zh-TW") -> list[Issue]:
    """Create the issues. The cycle begins on `first_day` in the time zone of `today`, which must be aware."""
    begin = datetime.combine(first_day, time(), today.tzinfo)
    begin = min(begin, today - timedelta(hours=1))
    issues: list[Issue] = []
    for group in (_epics, _stories, _bugs, _old_bugs, _tasks):
        for issue in group(begin, today, language):
            issue.id, issue.key = 10001 + len(issues), f"CORE-{1 + len(issues)}"
            issue.assignee = _PEOPLE[issue.id % len(_PEOPLE)] if issue.type != "Epic" else None
            issue.reporter = _PEOPLE[(issue.id * 5 + 1) % len(_PEOPLE)]
            issues.append(issue)
    return issues


def sample_board(first_day: date, today: datetime) -> Board:
    """Create the board of CORE with its sprints: the first closed, the second active."""
    begin = min(datetime.combine(first_day, time(), today.tzinfo), today - timedelta(hours=1))
    turn = _between(begin, today, _TURN)
    first = BoardSprint(1, "CORE Sprint 1", "closed", begin, turn, turn, "LINE Pay")
    second = BoardSprint(2, "CORE Sprint 2", "active", turn, turn + timedelta(days=28))
    return Board(1, "CORE board", "CORE", "project = CORE", sprints=(first, second))


def _epics(begin: datetime, _: datetime, language: Language) -> Iterator[Issue]:
    for at, titles in enumerate(_EPICS):
        created = _whole(begin - timedelta(days=20 - at))
        yield _issue(titles, at, language, created, type="Epic", status="In Progress", updated=created)


def _stories(begin: datetime, today: datetime, language: Language) -> Iterator[Issue]:
    """Create stories planned in the two weeks before the cycle and done within it one after another."""
    closed, active = Sprint(1, "CORE Sprint 1", "closed"), Sprint(2, "CORE Sprint 2", "active")
    points = [*((value, True) for value in _DONE_POINTS), *((value, False) for value in _OPEN_POINTS)]
    for at, (value, done) in enumerate(points):
        created = _whole(begin - timedelta(days=14 - at % 10, hours=at))
        resolved = _between(begin, today, (at + 1) / (len(_DONE_POINTS) + 2)) if done else None
        issue = _issue(_STORIES[at % len(_STORIES)], at // len(_STORIES), language, created, type="Story")
        issue.points = float(value)
        issue.parent = f"CORE-{1 + at % 2}"
        issue.labels = ("customer",) if at % 2 else ("payment", "customer")
        issue.fix_versions = ("2.0",) if done else ()
        issue.sprints = (closed,) if done and at < len(_DONE_POINTS) // 2 else (closed, active)
        if active in issue.sprints:
            issue.changelog.append((_between(begin, today, _TURN), SPRINT, "1", "1, 2"))
        _settle(issue, resolved, open_status="In Progress" if at % 2 else "To Do")
        yield issue


def _bugs(begin: datetime, today: datetime, language: Language) -> Iterator[Issue]:
    """Create bugs within the cycle, the first early and the last shortly before `today`."""
    count = 20
    for at in range(count):
        created = _between(begin, today, (at + 0.5) / (count + 1))
        hours = timedelta(hours=3 + at * 17 % 90)
        resolved = _whole(created + min(hours, (today - created) * 0.8)) if at < count - _OPEN_BUGS else None
        issue = _issue(_BUGS[at % len(_BUGS)], at // len(_BUGS), language, created, type="Bug")
        issue.labels = ("customer", "regression") if at % 4 == 0 else ("customer",) if at % 2 else ()
        issue.components = (_COMPONENTS[at % len(_COMPONENTS)],)
        issue.priority = _PRIORITIES[at % len(_PRIORITIES)]
        _settle(issue, resolved, open_status="In Review" if at % 2 else "To Do")
        yield issue


def _old_bugs(begin: datetime, _: datetime, language: Language) -> Iterator[Issue]:
    """Create bugs before the cycle, mostly done; a query without a date finds them too."""
    for at in range(8):
        created = _whole(begin - timedelta(days=80 - at * 7))
        resolved = created + timedelta(hours=60 + 20 * at) if at % 4 else None
        issue = _issue(_BUGS[-1 - at], 2, language, created, type="Bug")
        issue.components = (_COMPONENTS[at % len(_COMPONENTS)],)
        _settle(issue, resolved, open_status="To Do")
        yield issue


def _tasks(begin: datetime, today: datetime, language: Language) -> Iterator[Issue]:
    for at in range(6):
        created = _whole(begin - timedelta(days=3 + at))
        issue = _issue(_TASKS[at % len(_TASKS)], at // len(_TASKS), language, created, type="Task")
        issue.due = (begin + timedelta(days=30 + at)).date()
        _settle(issue, _between(begin, today, 0.3 + at / 10) if at % 2 else None, open_status="In Progress")
        yield issue


def _issue(titles: tuple[str, str], again: int, language: Language, created: datetime, **more: str | datetime) -> Issue:
    title = titles[language == "zh-TW"] + (_AGAIN[language].format(again + 1) if again else "")
    return Issue(0, "CORE-0", title, created, **more)  # type: ignore[arg-type]  # names and types as in Issue


def _settle(issue: Issue, resolved: datetime | None, *, open_status: str) -> None:
    """Set an issue to done at `resolved`, or to open, and record it in the changelog."""
    issue.status = "Done" if resolved else open_status
    issue.resolved, issue.resolution = resolved, "Done" if resolved else None
    issue.updated = resolved or issue.created
    if resolved:
        begun = _whole(issue.created + (resolved - issue.created) / 3)
        issue.changelog.append((begun, "status", "To Do", "In Progress"))
        issue.changelog.append((resolved, "status", "In Progress", "Done"))


def _between(begin: datetime, today: datetime, share: float) -> datetime:
    return _whole(begin + (today - begin) * share)


def _whole(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)
