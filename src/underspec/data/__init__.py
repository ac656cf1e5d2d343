"""Readers of data sets, and examples from plain arrays."""

from underspec.core.registry import Registry
from underspec.data._protocol import Reader as Reader
from underspec.data.arrays import agree as agree
from underspec.data.arrays import checked as checked
from underspec.data.arrays import of as of
from underspec.data.checksum import checksum as checksum

__all__ = ["Reader", "agree", "checked", "checksum", "get", "load", "names", "of", "table"]

registry: Registry[Reader] = Registry(
    "underspec.data",
    aptos2019="images.retina.aptos:Aptos2019",
    brset="images.retina.brset:Brset",
    bundled="bundled:Bundled",
    call="call:Call",
    census="packaged.census:Census",
    cifar="images.cifar:Cifar",
    confounded="confounded:Confounded",
    ddi="images.skin.ddi:Ddi",
    domain_folders="images.domain_folders:DomainFolders",
    eicu="records.eicu:EIcu",
    eyepacs="images.retina.eyepacs:EyePacs",
    files="files:Files",
    fitzpatrick17k="images.skin.fitzpatrick17k:Fitzpatrick17k",
    ham10000="images.skin.ham10000:Ham10000",
    heart_disease="packaged.heart_disease:HeartDisease",
    idrid="images.retina.idrid:Idrid",
    idx="idx:Idx",
    image_folder="images.image_folder:ImageFolder",
    imagenet="images.ilsvrc:ImageNet",
    isic="images.skin.isic:Isic",
    manifest="images.manifest:Manifest",
    medmnist="images.medmnist:MedMnist",
    mimic_iv="records.mimic_iv:MimicIV",
    messidor2="images.retina.messidor2:Messidor2",
    pad_ufes20="images.skin.pad_ufes:PadUfes20",
    sklearn_digits="digits:Digits",
    split="split:Split",
    survset="packaged.survset:SurvSet",
    synthetic_cohort="synthetic.cohort.reader:SyntheticCohort",
    synthetic_fundus="synthetic.fundus.reader:SyntheticFundus",
    synthetic_lesion="synthetic.lesion.reader:SyntheticLesion",
    synthetic_poses="synthetic.poses.reader:SyntheticPoses",
    thyroid="packaged.thyroid:Thyroid",
    where="where:Where",
    yaib="records.yaib:Yaib",
)

names = registry.names
table = registry.table
load = registry.load
get = registry.get
