"use strict";
// OAuth 2.0 Form Post Response Mode §4: the form goes out as soon as it is there.
document.querySelector("form").submit();
