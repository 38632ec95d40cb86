/**
 * Runs unittest with its arguments, as `python -m unittest` does, and writes a JUnit report. Given as text on the command line,
 * so that no file of a repository can replace it.
 */
export const UNITTEST_WITH_REPORT = `
import os, sys, unittest
from xml.sax.saxutils import quoteattr
path = os.environ.pop("TEKO_REPORT")
os.environ.pop("TEKO_PROGRAM", None)
rows = []
class Result(unittest.TextTestResult):
    def note(self, test, kind):
        rows.append((test.id(), kind))
    def addSuccess(self, test):
        super().addSuccess(test)
        self.note(test, "")
    def addError(self, test, err):
        super().addError(test, err)
        self.note(test, "<error/>")
    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, "<failure/>")
    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.note(test, "<skipped/>")
    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.note(test, "")
    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.note(test, "<failure/>")
    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.note(test, "<failure/>")
class Runner(unittest.TextTestRunner):
    resultclass = Result
program = unittest.main(module=None, argv=["python -m unittest"] + sys.argv[1:], testRunner=Runner, exit=False)
with open(path, "w", encoding="utf-8", errors="replace") as file:
    file.write("<testsuites><testsuite>")
    for name, kind in rows:
        file.write("<testcase name=%s>%s</testcase>" % (quoteattr(name), kind))
    file.write("</testsuite></testsuites>")
sys.exit(not program.result.wasSuccessful())
`.trim();
