"""Reports: a dossier in, text out; a report computes nothing."""

from underspec.core.registry import Registry
from underspec.report._protocol import Dossier as Dossier
from underspec.report._protocol import Exhibit as Exhibit
from underspec.report._protocol import Report as Report
from underspec.report._protocol import VariantRow as VariantRow

registry: Registry[Report] = Registry(
    "underspec.report",
    html="html:Html",
    json="json_:Json",
    junit="junit:Junit",
    markdown="markdown:Markdown",
    text="text:Text",
)

get = registry.get
load = registry.load
names = registry.names
table = registry.table
