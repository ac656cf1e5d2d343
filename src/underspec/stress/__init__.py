"""Where variants part: stress tests, each a maker of probes."""

from underspec.core.registry import Registry
from underspec.stress._protocol import Stress as Stress

__all__ = ["Stress", "get", "load", "names", "table"]

registry: Registry[Stress] = Registry(
    "underspec.stress",
    background="images.pose.background:Background",
    brightness="images.colour:Brightness",
    by_group="by_group:ByGroup",
    cifar_100_c_files="published.cifar_c:Cifar100C",
    cifar_10_c_files="published.cifar_c:Cifar10C",
    cifar_c="images.suites:CifarC",
    confounded="confounded:Confounded",
    contrast="images.digital:Contrast",
    defocus_blur="images.blur_defocus:DefocusBlur",
    domains="published.domains:Domains",
    elastic_transform="images.elastic:ElasticTransform",
    files="files:Files",
    fog="images.weather.fog:Fog",
    frost="images.weather.frost:Frost",
    function="function:Function",
    gaussian_blur="images.blur_gaussian:GaussianBlur",
    gaussian_noise="images.noise:GaussianNoise",
    glass_blur="images.blur_glass:GlassBlur",
    imagenet_a="published.imagenet_a:ImageNetA",
    imagenet_c="images.suites:ImageNetC",
    imagenet_c_files="published.imagenet_c:ImageNetC",
    imagenet_c_validation="images.suites:ImageNetCValidation",
    imagenet_r="published.imagenet_r:ImageNetR",
    imagenet_sketch="published.imagenet_sketch:ImageNetSketch",
    imagenet_v2="published.imagenet_v2:ImageNetV2",
    impulse_noise="images.noise:ImpulseNoise",
    jpeg_compression="images.jpeg:JpegCompression",
    missing="tabular.missing:Missing",
    motion_blur="images.blur:MotionBlur",
    objectnet="published.objectnet:ObjectNet",
    occlude="images.pose.occlude:Occlude",
    panel="records.panel:Panel",
    perspective="images.pose.perspective:Perspective",
    pixelate="images.digital:Pixelate",
    pose_world="pose_world:PoseWorld",
    rotate="images.pose.rotate:Rotate",
    sampling_density="records.sampling_density:SamplingDensity",
    saturate="images.colour:Saturate",
    scale="images.pose.scale:Scale",
    shot_noise="images.noise:ShotNoise",
    size_matched="size_matched:SizeMatched",
    snow="images.weather.snow:Snow",
    spatter="images.weather.spatter:Spatter",
    speckle_noise="images.noise:SpeckleNoise",
    time_shift="records.time_shift:TimeShift",
    tiny_imagenet_c_files="published.tiny_imagenet_c:TinyImageNetC",
    translate="images.pose.translate:Translate",
    unit_slip="tabular.unit_slip:UnitSlip",
    zoom_blur="images.blur_zoom:ZoomBlur",
)

names = registry.names
table = registry.table
load = registry.load
get = registry.get
