/** Prints globals of random values, one JSON text a line. */
export const makeGlobals = `
import json, random, struct
r = random.Random(7)
texts = ["", "é", "\\u2028", "\\ud800", "\\udc00x", "😀", "\\x00", "\\\\", '"', "'", "\\x7f", "a" * 50]
def value(depth):
    kind = r.randrange(9 if depth < 4 else 6)
    if kind == 0: return r.choice([True, False, None, float('nan'), float('inf'), -float('inf'), -0.0])
    if kind == 1: return r.randrange(-10 ** r.randrange(1, 60), 10 ** 60)
    if kind in (2, 3): return r.choice([struct.unpack('d', r.randbytes(8))[0], r.random()])
    if kind in (4, 5): return ''.join(r.choice(texts) for _ in range(r.randrange(4)))
    if kind == 6: return [value(depth + 1) for _ in range(r.randrange(5))]
    return {r.choice(texts) + str(i): value(depth + 1) for i in range(r.randrange(5))}
for _ in range(24):
    print(json.dumps({'k%d' % i: value(0) for i in range(12)}))
`;
/** Prints how many of the pairs of globals that were sent and answer, with a tab between, hold the same. */
export const compareGlobals = `
import json, sys
equal = 0
for line in sys.stdin.buffer.read().decode().split('\\n'):
    sent, answer = line.split('\\t')
    if repr(json.loads(sent)) == repr(json.loads(answer)['globals_dict']):
        equal += 1
    else:
        print(line)
print(equal, 'equal')
`;

/** The multipart form of Python's requests, written out. The library comes by standard input. */
export const callAsEdx = (origin: string): string => `
import json, sys, urllib.request, uuid
boundary = uuid.uuid4().hex.encode()
payload = json.dumps({
    'code': 'from course.sums import triangle\\nout = triangle(input)',
    'globals_dict': {'input': 6},
    'python_path': ['python_lib.zip'],
    'limit_overrides_context': 'course-v1:edX+Demo+2026',
    'slug': 'block-v1:p',
    'unsafely': False,
}).encode()
body = b''.join([
    b'--', boundary, b'\\r\\nContent-Disposition: form-data; name="payload"\\r\\n\\r\\n', payload, b'\\r\\n',
    b'--', boundary, b'\\r\\nContent-Disposition: form-data; name="python_lib.zip"; filename="python_lib.zip"\\r\\n\\r\\n',
    sys.stdin.buffer.read(), b'\\r\\n--', boundary, b'--\\r\\n',
])
request = urllib.request.Request('${origin}/api/v0/code-exec', body, {
    'Content-Type': 'multipart/form-data; boundary=' + boundary.decode(),
})
with urllib.request.urlopen(request) as response:
    print(json.dumps([response.status, response.headers['Content-Type'], json.load(response)]))
`;
