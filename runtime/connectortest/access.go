package connectortest

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/tributary-search/tributary/runtime/connector"
)

// securityField is the field of a configuration that switches document-level
// security on, in every source that has one.
const securityField = "use_document_level_security"

// checkAccess reads identities and the documents' readers.
func checkAccess(t *testing.T, s *suite) {
	source, _ := s.open(t, s.base)
	_, switchable := s.fields[securityField]
	controller, ok := source.(connector.AccessController)
	if !ok {
		if switchable {
			t.Errorf("the configuration has the field %s but %T is no connector.AccessController: it would hide every document; declare access_control and implement Identities", securityField, source)
		}
		s.checkOpenToAll(t, source, "the source is no connector.AccessController: nobody could read it; implement Identities or leave Access nil")
		return
	}
	checkIdentities(t, controller)
	if switchable {
		off, _ := s.open(t, s.base.with(securityField, json.RawMessage("false")))
		s.checkOpenToAll(t, off, securityField+" is off: leave Access nil then")
		source, _ = s.open(t, s.base.with(securityField, json.RawMessage("true")))
	}
	s.checkReaders(t, source, connector.Filter{}, "")
	if s.kind.Can(connector.AbilityAdvancedRules) {
		s.checkReaders(t, source, connector.Filter{AdvancedRules: emptyRules[1]}, " under advanced rules")
	}
}

// checkOpenToAll finds a document with readers.
func (s *suite) checkOpenToAll(t *testing.T, source connector.Source, but string) {
	t.Helper()
	for _, d := range s.mustRead(t, source) {
		if d.access != nil {
			t.Errorf("document %q%s has Access but %s", d.id, s.place, but)
			return
		}
	}
}

// checkReaders finds a document without readers.
func (s *suite) checkReaders(t *testing.T, source connector.Source, f connector.Filter, when string) {
	t.Helper()
	docs, err := s.read(t, source, f)
	if err != nil {
		t.Errorf("GetDocs%s failed with document-level security%s: %v", s.place, when, err)
	}
	for _, d := range docs {
		if len(d.access) == 0 || slices.Contains(d.access, "") {
			t.Errorf("document %q%s has the access list %q with document-level security%s: name its readers, or connector.Nobody where there are none or they can't be read", d.id, s.place, d.access, when)
			return
		}
	}
}

// checkIdentities looks at what each identity is and may see.
func checkIdentities(t *testing.T, controller connector.AccessController) {
	t.Helper()
	ids := map[string]bool{}
	err := controller.Identities(t.Context(), func(d connector.Document) error {
		if ids[d.ID] || d.ID == "" {
			t.Errorf("Identities emitted the id %q twice or empty: ids are unique", d.ID)
		}
		ids[d.ID] = true
		if problem := identityProblem(&d); problem != "" {
			t.Errorf("identity %q %s", d.ID, problem)
		}
		d.Release()
		return nil
	})
	switch {
	case err != nil:
		t.Errorf("Identities failed: %v", err)
	case len(ids) == 0:
		t.Error("Identities emitted nothing: with document-level security nobody could read any document; emit everybody who may appear in Document.Access")
	}
}

// identityProblem says what is wrong with an identity; empty when nothing is.
func identityProblem(d *connector.Document) string {
	var fields struct {
		Query struct {
			Template struct {
				Params struct {
					Access []string `json:"access_control"`
				} `json:"params"`
				Source string `json:"source"`
			} `json:"template"`
		} `json:"query"`
	}
	raw := []byte("{" + string(d.Fields()) + "}")
	template := &fields.Query.Template
	switch {
	case d.Err != nil:
		return "has Err: an identity that can't be read is left out: " + d.Err.Error()
	case checkObject(raw) != nil:
		return "is no document: " + checkObject(raw).Error()
	case json.Unmarshal(raw, &fields) != nil || template.Source == "" || len(template.Params.Access) == 0:
		return "has no query that shows its documents: make it with connector.NewIdentity"
	case slices.Contains(template.Params.Access, "") || slices.Contains(template.Params.Access, connector.Nobody):
		return "has an access list with an empty text or connector.Nobody in it: it would see what it must not"
	}
	return ""
}
