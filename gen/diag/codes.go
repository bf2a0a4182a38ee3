package diag

import "slices"

// Code is an entry of the table of all problems that the generator knows.
type Code struct {
	ID string
	// Title says in a few words what is wrong.
	Title string
	// Cause says why it is refused.
	Cause string
	// Remedy says what to write instead.
	Remedy string
	// Example is what the generator prints, out of one of its golden cases.
	Example string
}

// The codes. 1xx: the text of a declaration; 2xx: its meaning; 3xx: Go names;
// 4xx: declarations among each other and config.yml; 5xx: files on the disk; 6xx: what
// stored configurations and rules hold (compat).
const (
	Syntax      = "G101"
	Unknown     = "G102"
	BadValue    = "G103"
	NotHere     = "G104"
	Missing     = "G105"
	Unsupported = "G106"
	Duplicate   = "G107"
	Limit       = "G108"
	MetaSchema  = "G109"

	Reference      = "G201"
	ReferenceCycle = "G202"
	DependsUnknown = "G203"
	DependsCycle   = "G204"
	DependsValue   = "G205"
	Required       = "G206"
	Default        = "G207"
	Secret         = "G208"
	Enum           = "G209"
	Title          = "G210"
	Pattern        = "G211"
	Format         = "G212"
	Ability        = "G213"
	Identity       = "G214"
	Bounds         = "G215"
	Int64          = "G216"
	Shared         = "G217"
	Renamed        = "G218"
	Example        = "G219"

	GoNames   = "G301"
	GoName    = "G302"
	Directory = "G303"

	ServiceTypes   = "G401"
	RegistryType   = "G402"
	RegistryFolder = "G403"
	RegistryLacks  = "G404"
	RegistryTwice  = "G405"
	RegistryForm   = "G406"
	Readme         = "G407"

	Differs = "G501"
	Absent  = "G502"
	Stale   = "G503"
	Foreign = "G504"

	FieldGone       = "G601"
	TypeChanged     = "G602"
	Narrowed        = "G603"
	Demanded        = "G604"
	Exposed         = "G605"
	CountsNow       = "G606"
	NameGone        = "G607"
	AbilityGone     = "G608"
	RulesNarrowed   = "G609"
	IdentityChanged = "G610"
	DefaultChanged  = "G611"
	NotJudged       = "G612"
)

// Find returns the entry of a code.
func Find(id string) (Code, bool) {
	codes := Codes()
	i := slices.IndexFunc(codes, func(c Code) bool { return c.ID == id })
	if i < 0 {
		return Code{}, false
	}
	return codes[i], true
}
