#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apps/config/config_reader.h"
#include "tests/apps/hostile/hostile_case.h"

namespace fleet::config {
namespace {

struct InnerConfig {
  int count = 1;
  double ratio = 1.0;
  void fields(auto&& visit) {
    visit("count", count);
    visit("ratio", ratio);
  }
};

struct OuterConfig {
  std::string name;
  std::vector<double> values;
  InnerConfig inner;
  void fields(auto&& visit) {
    visit("name", name);
    visit("values", values);
    visit("inner", inner);
  }
};

void read(const std::string& text, const std::string& file) {
  OuterConfig config;
  read_config(parse_yaml(text, file), config);
}

TEST(HostileYamlTest, EachIsRefusedInOneLine) {
  const std::string billion_laughs =
      "a: &a [1, 1, 1]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nname: *c\n";
  std::string many_keys;
  for (int key = 0; key < 10'001; ++key) {
    many_keys += "k" + std::to_string(key) + ": 1\n";
  }
  require_refused<ConfigError>(
      {
          {billion_laughs, "anchors and aliases are not accepted"},
          {"name: *unknown\n", "anchor is not defined"},
          {"values: [" + repeated("1, ", 100'001) + "1]", "more than 100000 values"},
          {many_keys, "more than 10000 keys"},
          {repeated("[", 33) + repeated("]", 33), "nested deeper than 32 levels"},
          {repeated("[", 100'000), "expected a key, given a sequence"},
          {"values: [" + repeated("[", 100'000), "expected a key, given a sequence"},
          {"inner: " + repeated("{a: ", 50'000), "nested deeper than 32 levels"},
          {repeated("- ", 100'000), "nested deeper than 32 levels"},
          {repeated("? ", 1'000), ""},
          {"name: " + std::string(1'000'000, 'x'), "at most 1000000 are accepted"},
          {std::string("name: a\0b", 9), "zero byte"},
          {"name: a\nname: b\n", "'name' is given twice"},
          {"inner: {count: 1, count: 2}", "'count' is given twice"},
          {"name: !!python/object/apply:os.system [ls]", "tags are not accepted"},
          {"inner: !include /etc/passwd", "tags are not accepted"},
          {"name: a\n---\nname: b\n", "more than one YAML document"},
          {"name: [a, b", ""},
          {"name: \"no end", ""},
          {"name: 'no end", ""},
          {"inner: {count: 1", ""},
          {"\tname: a\n", ""},
          {"name: a\n  - b: [\n", ""},
          {"name: a: b: c\n", ""},
          {"name: @reserved\n", ""},
          {"name: `reserved\n", ""},
          {"inner:\n  count: 1\n ratio: 2\n", ""},
          {"%YAML 9.9\n---\nname: a\n", ""},
          {"just text", "expects a map of keys"},
          {"- 1\n- 2\n", "expects a map of keys"},
          {"42", "expects a map of keys"},
          {"? [complex, key]\n: 1\n", "expected a key"},
          {"{[a]: 1}", "expected a key"},
          {"{? : 1}", "expected a key"},
          {"~: 1\n", "expected a key, given nothing"},
          {"<<: {count: 1}\n", "'<<' is not a field here"},
          {"nmae: a\n", "did you mean 'name'?"},
          {"\"na\\nme\": a\n", "'na?me' is not a field here"},
          {std::string(900, 'k') + ": 1\n", "is not a field here"},
          {"inner: [1]\n", "expects a map of keys, given a sequence"},
          {"inner: text\n", "expects a map of keys, given 'text'"},
          {"inner: {count: 1.5}", "expects a whole number, given '1.5'"},
          {"inner: {count: 99999999999999999999}", "expects a whole number from"},
          {"inner: {count: -2147483649}", "expects a whole number from"},
          {"inner: {count: .inf}", "expects a whole number"},
          {"inner: {count: \"1\"}", "given the text '1'"},
          {"inner: {count: true}", "expects a whole number, given 'true'"},
          {"inner: {count: 1\xc2\xa0}", "expects a whole number"},
          {"inner: {count: \xd9\xa1}", "expects a whole number"},
          {"inner: {ratio: .nan}", "NaN is not accepted"},
          {"inner: {ratio: NaN}", "expects a number"},
          {"inner: {ratio: 1e400}", "a number that a double can hold"},
          {"inner: {ratio: 1.0.0}", "expects a number, given '1.0.0'"},
          {"inner: {ratio: }", "given nothing"},
          {"values: [1, [2]]", "'values.1' expects a number, given a sequence"},
          {"values: {a: 1}", "expects a sequence like [1, 2], given a map"},
          {"values: [1, \x01]", ""},
          {"name: [a]", "expects a text, given a sequence"},
      },
      read);
}

TEST(HostileYamlTest, AMissingFileAndAFolderAreNamed) {
  for (const char* path : {"no such folder/run.yaml", "/", "/dev/zero"}) {
    try {
      load_yaml(path);
      ADD_FAILURE() << path;
    } catch (const ConfigError& error) {
      EXPECT_EQ(std::string(error.what()).find(path), 0U) << error.what();
    }
  }
}

}  // namespace
}  // namespace fleet::config
