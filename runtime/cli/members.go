package cli

import (
	"bytes"
	"encoding/json"
)

// member is a name and a value of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// membersInOrder returns the members of a JSON object as they stand in it.
func membersInOrder(object []byte) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var members []member
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		m := member{}
		m.name, _ = name.(string)
		if err := dec.Decode(&m.value); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	return members, nil
}
