"""Plans as the commands show them."""

from engines.tensorrt.store import StoredPlan


def describe_plan(plan: StoredPlan) -> dict[str, object]:
    """Return what is known of a plan, JSON-ready; of one without a side file only why not."""
    row: dict[str, object] = {"path": str(plan.path), "why_not": plan.refusal}
    if plan.side is None:
        return row
    return row | {
        "model": plan.side.model,
        "model_version": plan.side.model_version,
        "bytes": plan.side.size,
        "sha256": plan.side.sha256,
        "key": plan.side.key.to_dict(),
    }


def plan_text(plan: StoredPlan) -> str:
    """Return what is known of a plan as one line."""
    if plan.side is None or plan.refusal is not None:
        return f"not usable: {plan.refusal}"
    key = plan.side.key
    return (
        f"{plan.side.model} {plan.side.model_version} for {', '.join(key.targets)} in "
        f"{key.precision}, {key.distribution} {key.version}, {plan.side.size / 1e6:.1f} MB: "
        f"{plan.path}"
    )
