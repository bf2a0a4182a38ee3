// Package schema reads and checks what people configure: the configuration of
// a source, in plain values or as Kibana stores it, and advanced rules.
//
// A configuration is read by a table of [Field] descriptions, which generated
// code holds; [Fields.Decode] knows every form in which a value may be
// written, and [Fields.Prepare] brings a stored one up to date. Everything else
// is checked by a JSON Schema with [Schema]. All answer with
// [connector.Problem], in words of their own and in a fixed order.
//
// It is the only package that imports a JSON Schema library.
package schema
