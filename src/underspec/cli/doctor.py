"""`underspec doctor`: what this machine has."""

__all__ = ["doctor"]


def doctor() -> None:
    """Say which versions, extras, cores and space this machine has, and what is missing."""
    import shutil
    import tempfile
    from importlib.metadata import PackageNotFoundError, version

    from underspec.core.cores import cores
    from underspec.study.environment import environment

    facts = environment("none", "none", 0)
    print(f"underspec {facts['underspec']}, {facts['implementation']} {facts['python']}")
    print(f"{facts['system']} on {facts['machine']}, {cores()} cores for workers")
    space = shutil.disk_usage(tempfile.gettempdir()).free / 2**30
    print(f"{space:.1f} GiB free for temporary files" + (": low" if space < 2 else ""))
    for package, found in sorted(facts["packages"].items()):
        print(f"  {package} {found}")
    try:
        version("torch")
    except PackageNotFoundError:
        print(
            "torch is missing: the torch trainer needs it. Install it: pip install 'underspec[torch]'"
        )
        return
    import torch

    devices = torch.cuda.device_count() if torch.cuda.is_available() else 0
    print(f"torch sees {devices} CUDA device(s)" if devices else "torch runs on the CPU")
