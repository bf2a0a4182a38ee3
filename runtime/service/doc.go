// Package service is the connector service: the loops that keep connector
// documents true, create sync jobs when they are due, and run them. It wires
// the protocol, the engine of a sync and Elasticsearch together.
package service
