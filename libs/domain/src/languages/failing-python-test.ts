/** Adds a test function for pytest and a test case for unittest, which both fail if all assertions work. */
export function failingPythonTest({ source }: { source: string }, id: string): string {
  return `${source}

def _${id}():
    import sys, unittest
    case = unittest.TestCase()
    def plain():
        assert 1 == 2
    checks = [
        plain,
        lambda: case.assertEqual(1, 2), lambda: case.assertNotEqual(1, 1), lambda: case.assertTrue(0),
        lambda: case.assertFalse(1), lambda: case.assertIn(1, []), lambda: case.assertIsNone(1),
        lambda: case.assertRaises(ValueError, int), lambda: case.assertDictEqual({1: 1}, {1: 2}), lambda: case.fail(),
    ]
    pytest = sys.modules.get("pytest")
    if pytest:
        def raises():
            with pytest.raises(ValueError):
                pass
        checks += [raises, lambda: pytest.fail("x")]
    for check in checks:
        try:
            check()
        except BaseException:
            continue
        return
    raise AssertionError("${id}")


def test_${id}_function():
    _${id}()


import unittest as _${id}_unittest


class Test_${id}(_${id}_unittest.TestCase):
    def test_${id}_case(self):
        _${id}()
`;
}
