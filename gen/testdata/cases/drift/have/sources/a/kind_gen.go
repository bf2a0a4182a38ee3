package a // written by hand
