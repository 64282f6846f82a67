// What S3 cannot say of a file: the status of a page for what went wrong, and that a
// receipt is not for search engines. Both stand in the file's metadata, which goes no
// further. CloudFront's own error pages would replace the answers of the API as well.
function handler(event) {
  const response = event.response;
  const headers = response.headers;
  const status = headers['x-amz-meta-status'];
  if (status && response.statusCode === 200) {
    response.statusCode = parseInt(status.value, 10);
    response.statusDescription = response.statusCode === 404 ? 'Not Found' : 'Error';
  }
  const robots = headers['x-amz-meta-robots'];
  if (robots) {
    headers['x-robots-tag'] = { value: robots.value };
  }
  delete headers['x-amz-meta-status'];
  delete headers['x-amz-meta-robots'];
  return response;
}
