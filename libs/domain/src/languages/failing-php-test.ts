const CHECKS = `
        $checks = [
            function () { \\PHPUnit\\Framework\\Assert::assertSame(1, 2); },
            function () { \\PHPUnit\\Framework\\Assert::assertEquals([1], [2]); },
            function () { \\PHPUnit\\Framework\\Assert::assertTrue(false); },
            function () { \\PHPUnit\\Framework\\Assert::assertFalse(true); },
            function () { \\PHPUnit\\Framework\\Assert::assertNull(1); },
            function () { \\PHPUnit\\Framework\\Assert::assertCount(1, []); },
            function () { \\PHPUnit\\Framework\\Assert::fail(); },
            function () { $this->assertSame(1, 2); },
            function () { $this->assertEquals([1], [2]); },
            function () { $this->assertTrue(false); },
        ];
        foreach ($checks as $check) {
            try { $check(); } catch (\\Throwable $e) { continue; }
            return;
        }`;

/** Adds a method to the last class of the file. */
export function failingPhpunitTest({ source }: { source: string }, id: string): string {
  const end = /\}\s*(\?>\s*)?$/.exec(source)?.index;
  if (end === undefined) return source;
  const method = `
    public function test${id}(): void
    {${CHECKS}
        throw new \\RuntimeException('${id}');
    }
`;
  return source.slice(0, end) + method + source.slice(end);
}

export function failingPestTest({ source }: { source: string }, id: string): string {
  return `${source}\ntest('${id}', function () {${CHECKS}\n        throw new \\RuntimeException('${id}');\n});\n`;
}
