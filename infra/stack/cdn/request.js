// What CloudFront does with a request for the site before it looks into its cache: the
// routes of site/handler.go. It has 10 KB, a millisecond and the JavaScript of CloudFront's
// runtime 2.0, which knows no for-of. SITE is put in at synthesis.
const crypto = require('crypto');
const site = SITE;

function handler(event) {
  const request = event.request;
  let path = request.uri;
  try {
    path = decodeURIComponent(path);
  } catch (malformed) {
    path = '';
  }
  if (site.landings.indexOf(path) >= 0) {
    request.uri = path + variant(event) + '.html';
  } else if (site.pages.indexOf(path) >= 0) {
    request.uri = path + 'index.html';
  } else if (site.files.indexOf(path) >= 0 || /^\/assets\/[\w.-]+$/.test(path)) {
    request.uri = path; // an asset of the build before may still be asked for
  } else if (site.landings.concat(site.pages).indexOf(path + '/') >= 0) {
    return {
      statusCode: 301,
      statusDescription: 'Moved Permanently',
      headers: { location: { value: path + '/' + query(request.querystring) } },
    };
  } else {
    request.uri = (path.indexOf('/en/') === 0 ? '/en/' : '/') + '404.html';
  }
  return request;
}

// The rule of site/variant.go: the first eight bytes of a hash, modulo the weights.
function variant(event) {
  const asked = first(event.request.querystring.variant);
  if (site.variants.some((v) => v.name === asked)) {
    return asked;
  }
  const agent = event.request.headers['user-agent'];
  const hash = crypto.createHash('sha256');
  hash.update(site.experiment + '\n' + event.viewer.ip + '\n' + (agent ? agent.value : '') + '\n');
  const hex = hash.digest('hex');
  const sum = site.variants.reduce((total, v) => total + v.weight, 0);
  // A number of JavaScript holds 53 bits: the rest is taken byte by byte.
  let drawn = 0;
  for (let i = 0; i < 16; i += 2) {
    drawn = (drawn * 256 + parseInt(hex.substring(i, i + 2), 16)) % sum;
  }
  for (let i = 0; i < site.variants.length; i++) {
    if (drawn < site.variants[i].weight) {
      return site.variants[i].name;
    }
    drawn -= site.variants[i].weight;
  }
  return site.variants[0].name;
}

// A parameter as the server on one machine reads it: the first of its values, decoded.
function first(parameter) {
  if (!parameter) {
    return '';
  }
  const value = parameter.multiValue ? parameter.multiValue[0].value : parameter.value;
  try {
    return decodeURIComponent(value.replace(/\+/g, ' '));
  } catch (malformed) {
    return '';
  }
}

function query(parameters) {
  const parts = [];
  Object.keys(parameters).forEach((name) => {
    (parameters[name].multiValue || [parameters[name]]).forEach((one) => {
      parts.push(one.value === '' ? name : name + '=' + one.value);
    });
  });
  return parts.length > 0 ? '?' + parts.join('&') : '';
}
