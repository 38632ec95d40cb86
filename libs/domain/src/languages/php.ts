import { failingPestTest, failingPhpunitTest } from './failing-php-test';
import type { Language } from './language';

export const php: Language = {
  id: 'php',
  title: 'PHP',
  linguist: ['PHP', 'Blade', 'Twig', 'Hack'],
  manifests: ['composer.json', 'phpunit.xml', 'phpunit.xml.dist'],
  packageManagers: [
    { id: 'composer', markers: ['composer.json'], setup: 'composer install --no-interaction --no-progress' },
  ],
  testRunners: [
    {
      id: 'pest',
      markers: [{ file: 'composer.json', contains: 'pestphp/pest' }],
      command: 'vendor/bin/pest',
      invocation: /^(php )?(\.\/)?vendor\/bin\/pest( |$)/,
      report: { format: 'junit', args: '--log-junit {report}', after: null },
      keepGoing: null,
      addFailingTest: failingPestTest,
      testContent: /^\s*(describe|it|test)\(\s*['"]/m,
    },
    {
      id: 'phpunit',
      markers: [{ file: 'phpunit.xml' }, { file: 'phpunit.xml.dist' }, { file: 'composer.json', contains: 'phpunit' }],
      command: 'if [ -x vendor/bin/phpunit ]; then exec vendor/bin/phpunit "$@"; else exec phpunit "$@"; fi',
      invocation: /^(php )?(\S*\/)?phpunit(\.phar)?( |$)/,
      report: { format: 'junit', args: '--log-junit {report}', after: null },
      keepGoing: null,
      addFailingTest: failingPhpunitTest,
      testContent: /\bextends\s+[\w\\]*TestCase\b/,
    },
  ],
  lint: [
    {
      markers: [{ file: 'phpstan.neon' }, { file: 'phpstan.neon.dist' }],
      command: 'vendor/bin/phpstan analyse --no-progress',
    },
    { markers: [{ file: 'phpcs.xml' }, { file: 'phpcs.xml.dist' }], command: 'vendor/bin/phpcs' },
  ],
  frameworks: {
    'laravel/framework': 'Laravel',
    'symfony/framework-bundle': 'Symfony',
    'slim/slim': 'Slim',
    'cakephp/cakephp': 'CakePHP',
    'yiisoft/yii2': 'Yii',
    'doctrine/orm': 'Doctrine',
    'orchid/platform': 'Orchid',
    'wordpress/core': 'WordPress',
  },
  testFiles: [/(^|\/)tests?\/.*\.(php|phpt)$/i, /Test\.php$/],
  sourceFiles: /\.(php|inc|phtml)$/i,
  runnerFiles: [
    /(^|\/)phpunit[^/]*\.xml(\.dist)?$/,
    /(^|\/)(composer\.json|codeception\.ya?ml|behat\.ya?ml|pest\.php|\.user\.ini|php\.ini|phpunit(\.phar)?)$/,
    /(^|\/)vendor\//,
  ],
  shadows: [],
  failingLine: (id) => `<?php throw new \\RuntimeException("${id}"); ?>`,
  failingEnd: (source, id) => `${/\?>\s*$/.test(source) ? '<?php ' : ''}throw new \\RuntimeException("${id}");`,
  doctests: null,
  conventions:
    'Follow PSR-12 and the type declarations of the neighbouring code. Support the PHP version that composer.json requires. Do not edit composer.lock or vendor/.',
};
