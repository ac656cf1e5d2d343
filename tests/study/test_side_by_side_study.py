"""Groups, the holdout's rank and the line through a whole study."""

from underspec.core.store import Store
from underspec.report import get
from underspec.study import load_study, read_dossier


def test_a_study_holds_its_probes_side_by_side(tiny, tmp_path):
    """They are in the findings as read back from the folder, and on the page."""
    study, _ = load_study(tiny, ["near_equal={margin: {epsilon: 0.5}}"])
    made = study.run(tmp_path / "out", where="inline")
    dossier = read_dossier(Store(str(tmp_path / "out")))
    found = dossier.findings
    probes = [probe.name for probe in found.probes]

    groups = found.probe_groups
    assert set(groups.order) | set(groups.left_out) == set(probes)
    assert groups == made.probe_groups
    assert "only 12 variants" in groups.note
    assert [one.probe for one in found.holdout_ranks] == probes[1:]
    assert [one.probe for one in found.accuracy_lines] == probes[1:]
    assert all(one.trained.variants == 12 for one in found.holdout_ranks)
    assert 'id="together"' in get("html")(dossier)
