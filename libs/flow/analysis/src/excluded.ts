import type { LanguageAttributes } from './attributes';
import { isGenerated } from './generated';

/* Files that github-linguist excludes from language statistics, according to its vendor.yml, documentation.yml and generated.rb. */

export type Exclusion = 'vendored' | 'documentation' | 'generated' | 'binary';

const any = (...patterns: RegExp[]) => new RegExp(patterns.map(({ source }) => source).join('|'));

/** Third-party folders and files. */
const VENDORED = any(
  /(?:^|\/)(?:cache|dist|node_modules|bower_components|vendors?|V+endor|[Ee]xtern(?:als?)?|testdata|env|admin_media|vignettes|puphpet|Carthage|Sparkle|MathJax|ace-builds|bootstrap-datepicker|\.github|\.vscode|\.google_apis)\//,
  /^(?:[Dd]ependencies|deps|debian)\/|(?:3rd|[Tt]hird)[-_]?[Pp]arty\//,
  /(?:^|\/)(?:Godeps\/_workspace|gradle\/wrapper|\.mvn\/wrapper|inst\/extdata|(?:[Tt]ests?|[Ss]pecs?)\/fixtures)\//,
  /(?:^|\/)\.yarn\/(?:releases|plugins|sdks|versions|unplugged)\//,
  /(?:^|\/)(?:docs?\/_?(?:build|themes?|templates?|static)|[Pp]ackages\/.+\.\d+)\//,
  /\.(?:xctemplate|imageset)\/|(?:^|\/)(?:Crashlytics|Fabric|BuddyBuildSDK)\.framework\/|(?:^|\/)Realm\.framework/,
  // Build tools and files that they copy into a repository
  /(?:^|\/)(?:configure|config\.(?:guess|sub)|_esy|run\.n|waf|fabfile\.py|gradlew(?:\.bat)?|mvnw(?:\.cmd)?|activator(?:\.bat)?|proguard(?:-rules)?\.pro|dotnet-install\.(?:ps1|sh)|Vagrantfile|Jenkinsfile|\.gitpod\.Dockerfile|\.osx|\.[Dd][Ss]_[Ss]tore)$/,
  /(?:^|\/)(?:aclocal|libtool|lt(?:options|sugar|version)|lt~obsolete)\.m4|(?:^|\/)(?:cpplint\.py|erlang\.mk|\.indent\.pro|\.sublime-(?:project|workspace))|^rebar$/,
  /(?:^|\/)\.git(?:attributes|ignore|modules)$|\.d\.ts$/,
  // Bundled scripts and stylesheets of websites
  /[-.]min\.(?:js|css)$|-vsdoc\.js$|\.intellisense\.js$|import\.(?:css|less|scss|styl)$/,
  /(?:^|\/)(?:font-?awesome|foundation|normalize|animate|materialize)\.(?:css|less|scss|styl)$|(?:^|\/)(?:materialize\.js|bulma\.(?:css|sass|scss))$/,
  /(?:^|\/)(?:font-?awesome|[Bb]ourbon)\/.*\.(?:css|less|scss|styl)$|(?:^|\/)select2\/.*\.(?:css|scss|js)$|(?:^|\/)fontello.*\.css$/,
  /(?:^|\/)(?:custom\.bootstrap\S*(?:js|css|less|scss|styl)|bootstrap[^/.]*\..*(?:js|css|less|scss|styl))$/,
  /(?:^|\/)jquery(?:[^.]*|-\d\.\d+(?:\.\d+)?|\.fileupload(?:-\w+)?|\.dataTables|[^.]*\.validate(?:\.unobtrusive)?|[^.]*\.unobtrusive-ajax)\.js$/,
  /(?:^|\/)jquery(?:-ui(?:-\d\.\d+(?:\.\d+)?)?(?:\.\w+)?|\.(?:ui|effects)\.[^.]*)\.(?:js|css)$|(?:^|\/)jquery\.(?:fn\.gantt\.js|fancybox\.(?:js|css))/,
  /(?:^|\/)(?:yui|yahoo-|tiny_mce|angular|cordova|shBrush)[^.]*\.js$|(?:^|\/)(?:prototype.*|react(?:-[^.]*)?|d3(?:\.v\d+)?[^.]*|foundation(?:\..*)?)\.js$|(?:^|\/)slick\.\w+.js$/,
  /(?:^|\/)(?:effects|controls|dragdrop|dojo|MochiKit|ckeditor|Chart|shCore|shLegacy|html5shiv)\.js$|(?:^|\/)(?:fuelux|bootbox|pdf\.worker)\.js/,
  /(?:^|\/)(?:mootools[^.]*\d+\.\d+.\d+[^.]*|modernizr-\d\.\d+(?:\.\d+)?|modernizr\.custom\.\d+|cordova-\d\.\d(?:\.\d)?|[Mm]icrosoft(?:[Mm]vc)?(?:[Aa]jax|[Vv]alidation)(?:\.debug)?)\.js$|(?:^|\/)knockout-(?:\d+\.){3}(?:debug\.)?js$/,
  /(?:^|\/)(?:leaflet\.(?:draw-src\.js|draw\.css|spin\.js)|wicket-leaflet\.js|Control\.FullScreen\.(?:css|js)|octicons\.css|sprockets-octicons\.scss)/,
  /(?:^|\/)(?:tiny_mce\/(?:langs|plugins|themes|utils)|[Cc]ode[Mm]irror\/(?:\d+\.\d+\/)?(?:lib|mode|theme|addon|keymap|demo))|(?:^|\/)flow-typed\/.*\.js$/,
  /(?:^|\/)extjs\/(?:.*\.(?:js|xml|txt|html|properties)$|(?:\.sencha|docs|builds|cmd|examples|locale|packages|plugins|resources|src|welcome)\/)/,
);

/** Generated lock files and folders. Linguist's list and a few more without a counted language. */
const GENERATED = any(
  /(?:package-lock|npm-shrinkwrap)\.json|pnpm-lock\.yaml|(?:composer|Cargo|Gopkg|glide|poetry|pdm|uv|pixi|deno|Pipfile)\.lock|Package\.resolved/,
  /(?:^|\/)(?:yarn\.lock|Gemfile\.lock|go\.sum|flake\.lock|(?:\w+\.)?esy.lock|\.terraform\.lock\.hcl|\.pnp\..*|MODULE\.bazel\.lock)$/,
  /(?:^|\/)(?:\.idea|Pods|Carthage\/Build|htmlcov)\/|node_modules\/|Godeps\/|__generated__\//,
  /vendor\/(?:[0-9A-Za-z][-0-9A-Za-z]*\.)+(?:com|edu|gov|in|me|net|org|fm|io)/,
  /\.[Dd]esigner\.(?:cs|vb)$|\.feature\.cs$|.\.zep\.(?:c|h|php)$|_(?:tlb|TLB)\.pas$|\.(?:js|css)\.map$|\.(?:nib|xcworkspacedata|xcuserstate)$|\.pb\.go$/,
);

const DOCUMENTATION = any(
  /^(?:[Dd]ocs?|[Mm]an|[Ee]xamples|[Dd]emos?|[Ss]amples?)\/|(?:^|\/)(?:[Dd]ocumentation|[Gg]roovydoc|[Jj]avadoc|inst\/doc)\//,
  /(?:^|\/)(?:CHANGE(?:S|LOG)?|CONTRIBUTING|COPYING|INSTALL|LICEN[CS]E|[Ll]icen[cs]e|README|[Rr]eadme)(?:\.|$)/,
  /(?:^|\/)CITATION(?:\.cff|S?(?:\.(?:bib|md))?)$/,
);

const BY_PATH = [
  ['vendored', VENDORED],
  ['generated', GENERATED],
  ['documentation', DOCUMENTATION],
] as const;

/** Only this much of a path is tested. */
const MAX_PATH_LENGTH = 1_024;

/** Returns why a path is excluded, or null if it is not. Attributes of the repository override the patterns. */
export function excludedByPath(path: string, attributes: LanguageAttributes = {}): Exclusion | null {
  const tested = path.slice(0, MAX_PATH_LENGTH);
  return BY_PATH.find(([kind, pattern]) => attributes[kind] ?? pattern.test(tested))?.[0] ?? null;
}

/** Returns why a file is excluded by the start of its content, or null if it is not. */
export function excludedByContent(path: string, head: Buffer, attributes: LanguageAttributes = {}): Exclusion | null {
  if (head.includes(0)) return 'binary';
  return attributes.generated === undefined && isGenerated(path, head) ? 'generated' : null;
}
