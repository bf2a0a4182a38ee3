// Package protocol speaks the connector protocol: the documents through which
// Kibana, the Connector API and any number of services share connectors and
// their sync jobs.
//
// Every write is checked against the tables of [ConnectorTransitions] and
// [JobTransitions], and replaces exactly the version of a document that it was
// made from. Nothing a document holds beyond what is written changes: not a
// byte.
package protocol
