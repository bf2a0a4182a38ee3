package rest

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
)

// Items reads the elements of a list one by one as they come from the network,
// for answers that are too long to hold. The list is the whole text or, with
// a path of names, that member of nested objects. The caller closes the reader.
// An error is the last pair: what came before it was good.
func Items[T any](from io.Reader, path ...string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		decoder := json.NewDecoder(from)
		if err := descend(decoder, path); err != nil {
			yield(*new(T), err)
			return
		}
		for n := 0; decoder.More(); n++ {
			var item T
			if err := decoder.Decode(&item); err != nil {
				yield(*new(T), fmt.Errorf("element %d of the list: %w", n, broken(err)))
				return
			}
			if !yield(item, nil) {
				return
			}
		}
		if _, err := decoder.Token(); err != nil {
			yield(*new(T), fmt.Errorf("the end of the list: %w", broken(err)))
		}
	}
}

// Object reads an object member by member: those that are named by their
// function, which reads one value, and all others past.
func Object(from *json.Decoder, members map[string]func(*json.Decoder) error) error {
	if err := expect(from, '{', "an object"); err != nil {
		return err
	}
	for from.More() {
		key, err := from.Token()
		if err != nil {
			return broken(err)
		}
		name, _ := key.(string)
		read := members[name]
		if read == nil {
			read = pass
		}
		if err := read(from); err != nil {
			return fmt.Errorf("member %q: %w", name, broken(err))
		}
	}
	_, err := from.Token()
	return broken(err)
}

// List reads a list and gives each of its elements to a function. The element
// is reused for the next one.
func List[T any](from *json.Decoder, take func(*T) error) error {
	if err := expect(from, '[', "a list"); err != nil {
		return err
	}
	var item T
	for n := 0; from.More(); n++ {
		item = *new(T)
		if err := from.Decode(&item); err != nil {
			return fmt.Errorf("element %d: %w", n, broken(err))
		}
		if err := take(&item); err != nil {
			return err
		}
	}
	_, err := from.Token()
	return broken(err)
}

// descend reads up to the first element of the list.
func descend(decoder *json.Decoder, path []string) error {
	for _, name := range path {
		if err := expect(decoder, '{', "an object that holds "+name); err != nil {
			return err
		}
		if err := find(decoder, name); err != nil {
			return err
		}
	}
	return expect(decoder, '[', "a list")
}

func expect(decoder *json.Decoder, want json.Delim, what string) error {
	token, err := decoder.Token()
	if err != nil {
		return fmt.Errorf("%s is expected: %w", what, broken(err))
	}
	if token != want {
		return fmt.Errorf("%s is expected, not %T", what, token)
	}
	return nil
}

// find passes over members up to the value of one.
func find(decoder *json.Decoder, name string) error {
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return broken(err)
		}
		if key == name {
			return nil
		}
		if err := pass(decoder); err != nil {
			return broken(err)
		}
	}
	return fmt.Errorf("the answer has no member %q", name)
}

// pass reads one value and holds none of it.
func pass(decoder *json.Decoder) error {
	for depth := 0; ; {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// broken calls the end of a text in its middle what it is.
func broken(err error) error {
	if err == io.EOF { //nolint:errorlint // the decoder's own
		return io.ErrUnexpectedEOF
	}
	return err
}
