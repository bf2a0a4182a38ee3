package directory

// mediaTypes are the types of common extensions. The table is part of the
// program because what the machine would say differs from one to the next, and
// documents would change with it.
var mediaTypes = map[string]string{
	"adoc": "text/asciidoc", "asc": "text/plain", "bat": "text/plain", "bash": "text/x-shellscript", "bmp": "image/bmp",
	"bz2": "application/x-bzip2", "c": "text/x-c", "cc": "text/x-c++", "cfg": "text/plain", "conf": "text/plain",
	"cpp": "text/x-c++", "cs": "text/x-csharp", "css": "text/css", "csv": "text/csv", "diff": "text/x-diff",
	"doc": "application/msword", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"eml": "message/rfc822", "eot": "application/vnd.ms-fontobject", "epub": "application/epub+zip", "gif": "image/gif",
	"go": "text/x-go", "gz": "application/gzip", "h": "text/x-c", "hpp": "text/x-c++", "htm": "text/html", "html": "text/html",
	"ico": "image/vnd.microsoft.icon", "ics": "text/calendar", "ini": "text/plain", "jar": "application/java-archive",
	"java": "text/x-java", "jpeg": "image/jpeg", "jpg": "image/jpeg", "js": "text/javascript", "json": "application/json",
	"jsonl": "application/x-ndjson", "kt": "text/x-kotlin", "log": "text/plain", "lua": "text/x-lua", "m4a": "audio/mp4",
	"markdown": "text/markdown", "md": "text/markdown", "mjs": "text/javascript", "mkv": "video/x-matroska", "mov": "video/quicktime",
	"mp3": "audio/mpeg", "mp4": "video/mp4", "msg": "application/vnd.ms-outlook", "ndjson": "application/x-ndjson",
	"odp": "application/vnd.oasis.opendocument.presentation", "ods": "application/vnd.oasis.opendocument.spreadsheet",
	"odt": "application/vnd.oasis.opendocument.text", "ogg": "audio/ogg", "otf": "font/otf", "patch": "text/x-diff",
	"pdf": "application/pdf", "php": "text/x-php", "pl": "text/x-perl", "png": "image/png", "potx": "application/vnd.openxmlformats-officedocument.presentationml.template",
	"ppt": "application/vnd.ms-powerpoint", "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"proto": "text/plain", "ps": "application/postscript", "ps1": "text/plain", "py": "text/x-python", "rb": "text/x-ruby",
	"rs": "text/x-rust", "rst": "text/x-rst", "rtf": "application/rtf", "s": "text/x-asm", "scala": "text/x-scala",
	"sh": "text/x-shellscript", "sql": "application/sql", "svg": "image/svg+xml", "swift": "text/x-swift", "tar": "application/x-tar",
	"tex": "application/x-tex", "tif": "image/tiff", "tiff": "image/tiff", "toml": "application/toml", "ts": "text/x-typescript",
	"tsv": "text/tab-separated-values", "tsx": "text/x-typescript", "ttf": "font/ttf", "txt": "text/plain", "vsd": "application/vnd.visio",
	"vsdm": "application/vnd.ms-visio.drawing.macroEnabled.12", "vsdx": "application/vnd.ms-visio.drawing", "wasm": "application/wasm",
	"wav": "audio/wav", "webm": "video/webm", "webp": "image/webp", "woff": "font/woff", "woff2": "font/woff2",
	"xhtml": "application/xhtml+xml", "xls": "application/vnd.ms-excel", "xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
	"xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"xml": "application/xml", "xz": "application/x-xz", "yaml": "application/yaml", "yml": "application/yaml", "zip": "application/zip",
	"zst": "application/zstd",
}
