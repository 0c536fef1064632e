// The only file that includes yaml-cpp. It listens to the parser's events rather than taking the
// parser's tree, so that the caps act while the file is read and nothing is expanded before.

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "apps/config/config_node.h"
#include "apps/files/file_error.h"
#include "apps/files/read_file.h"

namespace fleet::config {
namespace {

using Kind = Node::Kind;

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::shared_ptr<const std::string> file) : file_(std::move(file)) {}

  Node take_root() { return std::move(root_); }
  Place place(const YAML::Mark& mark) const {
    return mark.is_null() ? Place{file_, 0, 0} : Place{file_, mark.line + 1, mark.column + 1};
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark); }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add({.kind = Kind::kNull, .place = place(mark)}, mark, anchor, "");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node scalar{.kind = Kind::kScalar, .place = place(mark), .scalar = value};
    scalar.is_quoted = tag == "!";
    add(std::move(scalar), mark, anchor, tag);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open({.kind = Kind::kSequence, .place = place(mark)}, mark, anchor, tag);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open({.kind = Kind::kMap, .place = place(mark)}, mark, anchor, tag);
  }
  void OnMapEnd() override { close(); }

 private:
  /// A map or sequence whose end has not come yet.
  struct Open {
    Node node;
    std::set<std::string> keys = {};
    bool has_key = false;  // of a map: the next event is the value of `key`
    std::string key = {};
    Place key_place = {};
  };

  [[noreturn]] void refuse_anchor(const YAML::Mark& mark) const {
    throw ConfigError(place(mark), "", "anchors and aliases are not accepted");
  }

  void check(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) {
    if (anchor != 0) {
      refuse_anchor(mark);
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw ConfigError(place(mark), "", "tags are not accepted; given '" + tag + "'");
    }
    if (++num_nodes_ > kMaxYamlNodes) {
      throw ConfigError(place(mark), "",
                        "more than " + std::to_string(kMaxYamlNodes) + " values in one file");
    }
  }

  void open(Node node, const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) {
    check(mark, anchor, tag);
    if (!open_.empty() && open_.back().node.kind == Kind::kMap && !open_.back().has_key) {
      throw ConfigError(node.place, "", "expected a key, given " + node.describe());
    }
    if (open_.size() >= kMaxYamlDepth) {
      throw ConfigError(node.place, "",
                        "nested deeper than " + std::to_string(kMaxYamlDepth) + " levels");
    }
    open_.push_back({.node = std::move(node)});
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    place_value(std::move(node));
  }

  void add(Node node, const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) {
    check(mark, anchor, tag);
    if (!open_.empty() && open_.back().node.kind == Kind::kMap && !open_.back().has_key) {
      take_key(std::move(node));
    } else {
      place_value(std::move(node));
    }
  }

  void take_key(Node node) {
    Open& map = open_.back();
    if (node.kind != Kind::kScalar || node.scalar.empty()) {
      throw ConfigError(node.place, "", "expected a key, given " + node.describe());
    }
    if (!map.keys.insert(node.scalar).second) {
      throw ConfigError(node.place, node.scalar, "is given twice");
    }
    if (map.keys.size() > kMaxKeysPerMap) {
      throw ConfigError(node.place, "",
                        "more than " + std::to_string(kMaxKeysPerMap) + " keys in one map");
    }
    map.has_key = true;
    map.key = std::move(node.scalar);
    map.key_place = node.place;
  }

  void place_value(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (Open& parent = open_.back(); parent.node.kind == Kind::kSequence) {
      parent.node.items.push_back(std::move(node));
    } else {
      node.place = parent.key_place;
      parent.node.entries.emplace_back(std::move(parent.key), std::move(node));
      parent.has_key = false;
    }
  }

  std::shared_ptr<const std::string> file_;
  Node root_;
  std::vector<Open> open_;
  int num_nodes_ = 0;
};

void require_text(std::string_view text, const Place& file) {
  if (text.size() > kMaxYamlBytes) {
    throw ConfigError(file, "",
                      "has " + std::to_string(text.size()) + " bytes; at most " +
                          std::to_string(kMaxYamlBytes) + " are accepted");
  }
  if (text.find('\0') != std::string_view::npos) {
    throw ConfigError(file, "", "is no UTF-8 text: it contains a zero byte");
  }
}

}  // namespace

Node parse_yaml(std::string_view text, const std::string& file) {
  TreeBuilder builder(std::make_shared<const std::string>(file));
  const Place whole = builder.place(YAML::Mark::null_mark());
  require_text(text, whole);
  Node root{.kind = Kind::kMap, .place = whole};
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) {
      root = builder.take_root();
    }
    if (parser.HandleNextDocument(builder)) {
      throw ConfigError(whole, "", "holds more than one YAML document; expected one");
    }
  } catch (const YAML::Exception& error) {
    throw ConfigError(builder.place(error.mark), "", error.msg);
  }
  return root;
}

Node load_yaml(const std::string& path) {
  std::string text;
  try {
    text = files::read_file(path, kMaxYamlBytes);
  } catch (const files::FileError& error) {
    throw ConfigError({std::make_shared<const std::string>(path), 0, 0}, "", error.detail());
  }
  Node root = parse_yaml(text, path);
  if (root.kind == Kind::kNull) {
    root.kind = Kind::kMap;
  }
  if (root.kind != Kind::kMap) {
    throw ConfigError(root.place, "", "expected a map at the top level, given " + root.describe());
  }
  return root;
}

}  // namespace fleet::config
