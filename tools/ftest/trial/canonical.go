package trial

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// added are the members that the runtime alone writes.
var added = []string{
	"id", "_fingerprint", "_allow_access_control",
	"_extract_binary_content", "_reduce_whitespace", "_run_ml_inference",
}

// timestamp is written by the runtime too; it is compared when it is expected.
const timestamp = "_timestamp"

// sum stands for the content of a document.
type sum [16]byte

// members decodes a document. Numbers are in the one form that their value has.
func members(raw []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var doc map[string]any
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("no JSON object: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one JSON object")
	}
	for name, value := range doc {
		doc[name] = canonical(value)
	}
	return doc, nil
}

func canonical(value any) any {
	switch v := value.(type) {
	case json.Number:
		return json.Number(number(string(v)))
	case []any:
		for i := range v {
			v[i] = canonical(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = canonical(v[name])
		}
	}
	return value
}

// number writes a JSON number in one form, so that equal values are equal texts:
// 1.50 and 15e-1 are 1.5. No digit is lost.
func number(text string) string {
	mantissa, power, _ := strings.Cut(strings.ToLower(text), "e")
	exponent, err := strconv.Atoi(power)
	if power != "" && err != nil {
		return text
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exponent -= len(fraction)
	digits := strings.TrimLeft(whole+fraction, "0")
	short := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(short)
	switch {
	case short == "":
		return "0"
	case negative:
		return "-" + decimal(short, exponent)
	}
	return decimal(short, exponent)
}

// longest is how many zeros are written before a number gets a power of ten.
const longest = 20

// decimal writes digits times a power of ten.
func decimal(digits string, exponent int) string {
	switch point := len(digits) + exponent; {
	case exponent >= 0 && exponent <= longest:
		return digits + strings.Repeat("0", exponent)
	case exponent < 0 && point > 0:
		return digits[:point] + "." + digits[point:]
	case exponent < 0 && -point <= longest:
		return "0." + strings.Repeat("0", -point) + digits
	}
	return digits + "e" + strconv.Itoa(exponent)
}

// digest is the sum of a document's members. Those of a map are written in the
// order of their names.
func digest(doc map[string]any) (s sum, err error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return s, err
	}
	full := sha256.Sum256(text)
	return sum(full[:len(s)]), nil
}
