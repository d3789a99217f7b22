"""An objective as it stood on a past day, so that its mean of then can be re-added by hand."""

from config.loading.loader import Config
from config.plain_text import one_line
from syncer.i18n import status_label, translate
from syncer.present.explain_text import terms
from syncer.present.past_objective import PastObjective


def past_objective_text(config: Config, past: PastObjective) -> str:
    """Term by term; the weights, and what counts in it, are those of today's config."""
    language, objective = config.workspace.language, past.objective
    lines = [
        f"{objective.id}  {past.day}  {one_line(objective.title)}",
        translate(language, "the key results of then, with the weights that the config states today"),
        "",
        *terms(config, past.key_results, past.objectives, objective),
        f"{translate(language, 'status')}  {status_label(objective.rollup.status.value, language)}",
    ]
    return "\n".join(lines) + "\n"
