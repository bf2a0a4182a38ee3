package postgresql

import "time"

// Wait sets how long a replication slot may take to be made.
func (s *Source) Wait(d time.Duration) { s.patience = d }

// Retain sets how many bytes of its log the server may keep.
func (s *Source) Retain(n int64) { s.retain = n }

// Encode encodes a value of a form, of which the parts are texts.
func Encode(form string, text []byte) (raw []byte, exact bool) {
	encoders := map[string]encode{
		"array":      encodeArray(encodeText, ','),
		"composite":  encodeComposite([]member{{[]byte(`"a":`), encodeText}, {[]byte(`"b":`), encodeText}}),
		"range":      encodeRange(encodeText),
		"multirange": encodeMultirange(encodeRange(encodeText)),
		"bytes":      encodeBytes,
		"text":       encodeText,
		"money":      encodeMoney(2),
		"date":       encodeDate,
		"timestamp":  encodeTimestamp("Z"),
	}
	return encoders[form](nil, text)
}
