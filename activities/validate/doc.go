// Package validate is the first step of lead_intake: it reads the raw body of a
// form post, normalises it, and either gives a submission that every later step
// may trust or the HTTP answer that says what is wrong with which field. It
// touches no store and calls nobody.
//
// What is refused, and how:
//
//	400  the post cannot be read: no JSON object, a key twice, invalid UTF-8, NUL,
//	     too deep, too many keys, a malformed Idempotency-Key, a form field twice.
//	     Only a program sends this, so the answer is always a problem document.
//	413  more than 16 KiB
//	415  neither JSON nor an HTML form
//	422  it can be read, but fields break rules: one entry per field
//
// 413 and 422 of an HTML form post are the form page again, with the errors
// beside the fields and the answers kept. Bot checks refuse nothing: what
// they see adds up to a verdict (the table stands at quarantineAt), and spam is
// answered like any other post. They ask nobody and know only this one post.
//
// Lengths are in code points; a text of n code points has at most 4n bytes, so
// that no separate limit in bytes is needed except for the e-mail, whose 254 are
// bytes.
package validate
