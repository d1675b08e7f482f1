"""Debian's reverter and plugin storage, driven for the tests:

    certbot-reverter.py WORK METHOD [ARGUMENT...]
"""
import sys
import types

sys.path.insert(0, '/usr/lib/python3/dist-packages')
from certbot import reverter  # noqa: E402
from certbot.plugins import storage  # noqa: E402


def main():
    work, method, *args = sys.argv[1:]
    config = types.SimpleNamespace(
        strict_permissions=False, backup_dir=work + '/backups',
        temp_checkpoint_dir=work + '/temp_checkpoint',
        in_progress_dir=work + '/IN_PROGRESS', config_dir=work)
    if method in ('get', 'put'):
        kept = storage.PluginStorage(config, args[0])
        if method == 'get':
            print(kept.fetch(args[1]))
        else:
            kept.put(args[1], args[2])
            kept.save()
        return
    rev = reverter.Reverter(config)
    if method in ('add_to_checkpoint', 'add_to_temp_checkpoint'):
        getattr(rev, method)(set(args[1:]), args[0])
    elif method == 'register_file_creation':
        rev.register_file_creation(args[0] == 'temporary', *args[1:])
    elif method == 'register_undo_command':
        rev.register_undo_command(args[0] == 'temporary', args[1:])
    else:
        getattr(rev, method)(*args)


main()
