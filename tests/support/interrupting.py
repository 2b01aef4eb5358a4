"""The beginning of a script that sends itself a signal before one chosen instruction of the code it looks at."""

from __future__ import annotations

#: Defines ``interrupted(at, codes, arguments)``: it runs the command, sends SIGTERM before instruction number `at` of
#: those that the code objects go through, and gives the exit status.
INTERRUPTED = """
import os, shutil, signal, sys
from packflow.cli import main

def interrupted(at, codes, arguments):
    done = 0
    def each(frame, event, _):
        nonlocal done
        frame.f_trace_opcodes = True
        if event == "opcode":
            done += 1
            if done == at:
                signal.raise_signal(signal.SIGTERM)
        return each
    def follow(frame, event, _):
        return each(frame, event, _) if frame.f_code in codes else None
    sys._getframe().f_trace_opcodes = True  # Python 3.12 tells of instructions only if a frame has asked before
    sys.settrace(follow)
    try:
        main(arguments, standalone_mode=False)
        return 0
    except SystemExit as ended:
        return ended.code
    finally:
        sys.settrace(None)
"""
