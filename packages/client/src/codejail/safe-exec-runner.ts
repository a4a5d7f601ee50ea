import { pythonJsonBounds } from '../python-json/python-json.ts';

/** Name of the runner's file in the work directory, and so in tracebacks: codejail's own. */
export const jailedCodeName = 'jailed_code';

/** Arrays and objects inside one another that a global may have: with the object of all globals, one more. */
const globalDepth = 899;

/**
 * What `safe_exec` runs: a program that executes the code and writes down the globals. It must start fast, so it takes only built-in modules and does
 * itself what is needed of `site` (whose processing of .pth files takes longer than all else) and of `json` (which imports `re`).
 *
 * - stdin is one JSON list: nonce, name of the answer's file, size that the code's files may have, python path, code, globals.
 * - The code runs at the level of the module, so that tracebacks have codejail's frame.
 * - Its functions have built-in names of their own, so that code which replaces some (`builtins.open = ...`) does not change what globals are kept.
 * - The answer's file is opened when the code has ended, by its absolute name since the code may have changed directories, never over a file that is
 *   there, and only by the process that began: a child that the code forked comes here too. Descriptor 0, which was read to its end, makes room for it.
 * - The limit of file sizes is kept by the soft limit while the code runs. What the code could do by raising it again is what the job's own limits allow.
 * - The end is at once, without atexit handlers, other threads or destructors: the answer is complete.
 */
export const safeExecRunner = `import sys

__builtins__ = dict(vars(__builtins__))

def codec():
    try:
        from _json import encode_basestring_ascii, make_encoder, make_scanner
    except ImportError:
        import json
        dumps = lambda value: json.dumps(value, default=decoded, separators=(',', ':'))
        return json.loads, dumps

    class Dialect:
        strict, object_hook, object_pairs_hook, memo = True, None, None, {}
        parse_float, parse_int = float, int
        parse_constant = {'NaN': float('nan'), 'Infinity': float('inf'), '-Infinity': float('-inf')}.__getitem__

    scan = make_scanner(Dialect)
    def dumps(value):
        encode = make_encoder({}, decoded, encode_basestring_ascii, None, ':', ',', False, False, True)
        return ''.join(encode(value, 0))
    return lambda text: scan(text, 0)[0], dumps

def decoded(value):
    if isinstance(value, bytes):
        return str(value, 'utf-8')
    raise TypeError(type(value).__name__)

def with_texts(value):
    if isinstance(value, bytes):
        return str(value, 'utf-8')
    if isinstance(value, dict):
        return {with_texts(key): with_texts(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_texts(item) for item in value]
    return value

def is_too_deep(value):
    level = [value]
    for _ in range(${globalDepth + 1}):
        items = (item for each in level for item in (each.values() if type(each) is dict else each))
        level = [item for item in items if type(item) in (dict, list)]
        if not level:
            return False
    return True

def json_safe(globals_, loads, dumps):
    safe = {}
    for key, value in list(globals_.items()):
        try:
            if key == '__builtins__' or not isinstance(value, (type(None), int, float, bytes, str, list, tuple, dict)):
                continue
            try:
                text = dumps({key: value})
            except Exception:
                text = dumps(with_texts({key: value}))
            entry = loads(text)
            if text.count('[') + text.count('{') <= ${globalDepth} or not is_too_deep(entry):
                safe.update(entry)
        except Exception:
            pass
    return safe

def add_paths(here):
    from posix import stat
    def exists(path):
        try:
            return bool(stat(path))
        except OSError:
            return False
    if getattr(sys.flags, 'safe_path', sys.flags.isolated):
        sys.path.insert(0, here)
    if not sys.flags.no_site:
        return
    bin = sys.executable.rpartition('/')[0]
    if exists(bin + '/pyvenv.cfg') or exists(bin + '/../pyvenv.cfg'):
        import site
        return site.main()
    own = '/lib/python%d.%d' % sys.version_info[:2]
    site_packages = sys.prefix + own + '/site-packages'
    debian = ['/local' + own, '/lib/python3', own]
    paths = [site_packages] if exists(site_packages) else [sys.prefix + path + '/dist-packages' for path in debian]
    sys.path += filter(exists, paths)
    import builtins, _sitebuiltins
    builtins.quit = _sitebuiltins.Quitter('quit', 'Ctrl-D (i.e. EOF)')
    builtins.exit = _sitebuiltins.Quitter('exit', 'Ctrl-D (i.e. EOF)')
    builtins.help = _sitebuiltins._Helper()

def begin():
    import io
    import posix
    import resource
    class NullWriter(io.TextIOBase):
        encoding = 'utf-8'
        def writable(self):
            return True
        def write(self, text):
            return len(text)

    loads, dumps = codec()
    nonce, answer, file_bytes, python_path, code, globals_ = loads(str(sys.stdin.buffer.read(), 'utf-8'))
    globals_.pop('__builtins__', None)
    here, pid = posix.getcwd(), posix.getpid()
    add_paths(here)
    sys.path += python_path
    sys.stdout = NullWriter()
    limit, most = resource.RLIMIT_FSIZE, resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(limit, (file_bytes, most))

    def finish():
        if posix.getpid() == pid:
            sys.setrecursionlimit(1000)
            if hasattr(sys, 'set_int_max_str_digits'):
                sys.set_int_max_str_digits(${pythonJsonBounds.intDigits})
            data = (nonce + dumps(json_safe(globals_, loads, dumps))).encode()
            if 0 <= most < len(data):
                sys.exit('The globals take %d bytes as JSON, and may take %d.' % (len(data), most))
            resource.setrlimit(limit, (most, most))
            posix.closerange(0, 1)
            posix.umask(0)
            file = posix.open(here + '/' + answer, posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL | posix.O_NOFOLLOW, 0o600)
            while data:
                data = data[posix.write(file, data):]
        try:
            sys.stderr.flush()
        finally:
            posix._exit(0)

    return code, globals_, finish

code, g_dict, finish = begin()
exec(code, g_dict)
finish()
`;
