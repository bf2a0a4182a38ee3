package settings

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/schema"
)

// texts is a setting that maps names to texts. Outside of a file it is written
// as name=value words with commas between them.
func texts(key string, to *map[string]string) field {
	setKey := func(name string, n *yaml.Node) error {
		s, err := scalar(n)
		if err != nil {
			return err
		}
		if *to == nil {
			*to = map[string]string{}
		}
		(*to)[name] = s
		return nil
	}
	set := func(n *yaml.Node) error {
		if !loose(n) {
			return fmt.Errorf("must be a section of names and values, not %s", shown(n))
		}
		*to = nil
		for _, word := range words(n.Value) {
			name, value, ok := strings.Cut(word, "=")
			if !ok {
				return errors.New("must be name=value words with commas between them")
			}
			if err := setKey(strings.TrimSpace(name), plain(strings.TrimSpace(value))); err != nil {
				return err
			}
		}
		return nil
	}
	return field{key: key, set: set, setKey: setKey}
}

// list is a setting that is a list of texts. Outside of a file it is written
// with commas.
func list(key string, to *[]string) field {
	return field{key: key, set: func(n *yaml.Node) error {
		if loose(n) {
			*to = words(n.Value)
			return nil
		}
		if n.Kind != yaml.SequenceNode {
			return fmt.Errorf("must be a list, not %s", shown(n))
		}
		*to = nil
		for _, item := range n.Content {
			s, err := scalar(item)
			if err != nil {
				return at(item, err)
			}
			*to = append(*to, s)
		}
		return nil
	}}
}

var errNoConnectorID = errors.New("connector_id is missing")

// connectors is the list of connectors; it is written in a file only.
func connectors(key string, to *[]Connector) field {
	return field{key: key, set: func(n *yaml.Node) error {
		if n.Kind != yaml.SequenceNode {
			return errors.New("must be a list of connectors, and stand in a file")
		}
		*to = nil
		for _, item := range n.Content {
			c, err := oneConnector(item)
			if err != nil {
				return err
			}
			*to = append(*to, c)
		}
		return nil
	}}
}

func oneConnector(n *yaml.Node) (c Connector, err error) {
	if n.Kind != yaml.MappingNode {
		return c, at(n, errors.New("must be a section with connector_id, service_type and api_key"))
	}
	members := map[string]func(string){
		"connector_id": func(s string) { c.ConnectorID = s },
		"service_type": func(s string) { c.ServiceType = s },
		"api_key":      func(s string) { c.APIKey = connector.NewSecret(s) },
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		set, known := members[name.Value]
		switch {
		case !known:
			return c, at(name, fmt.Errorf("unknown key %q%s", name.Value, schema.DidYouMean(name.Value, []string{"connector_id", "service_type", "api_key"})))
		case seen[name.Value]:
			return c, at(name, fmt.Errorf("%s is given twice", name.Value))
		}
		seen[name.Value] = true
		s, err := scalar(value)
		if err != nil {
			return c, at(value, err)
		}
		set(s)
	}
	if c.ConnectorID == "" {
		return c, at(n, errNoConnectorID)
	}
	return c, nil
}

func words(s string) []string {
	var out []string
	for word := range strings.SplitSeq(s, ",") {
		if word = strings.TrimSpace(word); word != "" {
			out = append(out, word)
		}
	}
	return out
}
