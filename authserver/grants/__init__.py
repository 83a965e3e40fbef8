"""One file per grant_type; a grant answers Authlib's questions and knows no other grant."""
