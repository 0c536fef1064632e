#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fleet::config {

/// Where in the user's input a value stands.
struct Place {
  std::shared_ptr<const std::string> file;  ///< "command line" for overrides
  int line = 0;                             ///< from 1; 0: only the file is known
  int column = 0;

  std::string text() const;  ///< "walk.yaml:3:7", "command line"
};

/// A mistake in the user's configuration, in one line: place, key, what was given and expected.
class ConfigError : public std::runtime_error {
 public:
  /// `path` is the dotted key, e.g. "env.num_envs"; empty for the file as a whole.
  ConfigError(const Place& place, std::string_view path, std::string_view problem);
};

/// One YAML value with its place. Plain data, so that reading a config needs no yaml-cpp.
struct Node {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  using Entry = std::pair<std::string, Node>;

  Kind kind = Kind::kMap;
  Place place = {};                 ///< of the key if it stands in a map
  std::string scalar = {};          ///< kScalar
  bool is_quoted = false;           ///< kScalar: written in quotes, so it is text and no number
  std::vector<Node> items = {};     ///< kSequence
  std::vector<Entry> entries = {};  ///< kMap, in the file's order; no key twice

  const Node* find(std::string_view key) const;

  /// Removes and returns an entry, for keys that the program reads before the rest.
  std::optional<Node> take(std::string_view key);

  std::string describe() const;  ///< "'many'", "a sequence", "a map", "nothing"
};

/// Caps on what is read, against files made to exhaust memory, time or the stack.
inline constexpr std::size_t kMaxYamlBytes = 1'000'000;
inline constexpr int kMaxYamlDepth = 32;
inline constexpr int kMaxYamlNodes = 100'000;
inline constexpr std::size_t kMaxKeysPerMap = 10'000;
inline constexpr int kMaxBases = 8;

/// Parses one YAML document; an empty one gives an empty map.
///
/// Anchors, aliases, tags and keys given twice are refused.
/// @throws ConfigError
Node parse_yaml(std::string_view text, const std::string& file);

/// Reads and parses a file whose top level is a map.
///
/// @throws ConfigError
Node load_yaml(const std::string& path);

/// Lets `over` win over `under`: maps key by key, everything else as a whole.
void merge(Node& under, Node over);

/// Finds the config that `base: name` means, or nothing if there is none of that name.
using FindBase = std::function<std::optional<Node>(const std::string& name)>;

/// Puts `root` over the config its `base` key names, that one over its own base, and so on.
///
/// A base is a name, never a path.
/// @throws ConfigError on an unknown base, a path, or more than kMaxBases of them (a circle).
Node resolve_bases(Node root, const FindBase& find_base);

/// Applies "env.reward.action_rate.weight=-0.2": the value is YAML, e.g. a number or [1, 2].
///
/// @throws ConfigError
void apply_override(Node& root, std::string_view assignment);

/// Returns whether `text` looks like an override: an equals sign after a dotted name.
bool is_override(std::string_view text);

/// Returns "; did you mean 'x'?" for the nearest name, "; known here: ..." if none is near.
std::string suggest(std::string_view given, const std::vector<std::string>& names);

}  // namespace fleet::config
