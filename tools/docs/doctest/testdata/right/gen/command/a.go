package command

const verb = "explain"
