package connectortest_test

import (
	"context"
	"errors"

	"github.com/tributary-search/tributary/runtime/connector"
)

// known is notes with other identities.
type known struct {
	*notes
	identities []connector.Document
}

func (k known) Identities(_ context.Context, emit func(connector.Document) error) error {
	for _, d := range k.identities {
		if err := emit(d); err != nil {
			return err
		}
	}
	return nil
}

// knowing builds in other identities. They are made for every source anew: emit
// takes them over.
func knowing(identities func() []connector.Document) func(*connector.Kind) {
	return func(k *connector.Kind) {
		k.Open = openAs(func(n *notes) connector.Source { return known{n, identities()} })
	}
}

func ann() connector.Document { return connector.NewIdentity("ann", []string{"user:ann"}) }

// accessFaults are what a source can do wrong about readers.
var accessFaults = map[string]variant{
	"access without identities": {
		change: func(k *connector.Kind) {
			k.Abilities = nil
			k.Open = openAs(func(n *notes) connector.Source {
				n.cfg.secured = true
				return plainSource{n}
			})
		},
		fails: []string{"access"},
		says:  "nobody could read it",
	},
	"readers although switched off": {
		change: altering(func(_ *notes, _ int64, d *connector.Document) { d.Access = []string{"user:ann"} }),
		fails:  []string{"access"},
		says:   "use_document_level_security is off",
	},
	"no readers": {
		change: altering(func(_ *notes, i int64, d *connector.Document) {
			if i == 7 {
				d.Access = nil
			}
		}),
		fails: []string{"access"},
		says:  "connector.Nobody where there are none",
	},
	"an empty reader": {
		change: altering(func(n *notes, _ int64, d *connector.Document) {
			if n.cfg.secured {
				d.Access = append(d.Access, "")
			}
		}),
		fails: []string{"access"},
		says:  `the access list ["user:ann" ""]`,
	},
	"no identities": {
		change: knowing(func() []connector.Document { return nil }),
		fails:  []string{"access"},
		says:   "Identities emitted nothing",
	},
	"identities with one id": {
		change: knowing(func() []connector.Document { return []connector.Document{ann(), ann()} }),
		fails:  []string{"access"},
		says:   "ids are unique",
	},
	"an identity without query": {
		change: knowing(func() []connector.Document { return []connector.Document{connector.NewDocument("ann")} }),
		fails:  []string{"access"},
		says:   "make it with connector.NewIdentity",
	},
	"an identity that sees what nobody may": {
		change: knowing(func() []connector.Document {
			return []connector.Document{connector.NewIdentity("ann", []string{connector.Nobody})}
		}),
		fails: []string{"access"},
		says:  "it would see what it must not",
	},
	"an identity with a broken field": {
		change: knowing(func() []connector.Document {
			d := ann()
			d.SetRaw("name", []byte(`{`))
			return []connector.Document{d}
		}),
		fails: []string{"access"},
		says:  "is no document",
	},
	"an identity with Err": {
		change: knowing(func() []connector.Document {
			d := ann()
			d.Err = errors.New("gone")
			return []connector.Document{d}
		}),
		fails: []string{"access"},
		says:  "is left out: gone",
	},
}
