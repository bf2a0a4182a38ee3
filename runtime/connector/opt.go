package connector

// Opt is an optional value of a configuration that has no default.
type Opt[T any] struct {
	value T
	set   bool
}

// Some returns an Opt that holds a value.
func Some[T any](value T) Opt[T] { return Opt[T]{value, true} }

// Get returns the value and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.value, o.set }
