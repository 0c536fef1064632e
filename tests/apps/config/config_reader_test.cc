#include "apps/config/config_reader.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "apps/config/config_dump.h"

namespace fleet::config {
namespace {

enum class Backend { kMujoco, kLanes, kCuda };
constexpr std::array<const char*, 3> names_of(Backend) { return {"mujoco", "lanes", "cuda"}; }

struct LayerConfig {
  int size = 64;
  std::string activation = "elu";
  void fields(auto&& visit) {
    visit("size", size);
    visit("activation", activation);
  }
};

struct TermConfig {
  double weight = 0.0;
  void fields(auto&& visit) { visit("weight", weight); }
};

struct RewardConfig {
  TermConfig action_rate_l2{-0.1};
  float tracking = 1.0F;
  void fields(auto&& visit) {
    visit("action_rate_l2", action_rate_l2);
    visit("tracking", tracking);
  }
};

struct EnvConfig {
  int num_envs = 16;
  RewardConfig reward;
  void fields(auto&& visit) {
    visit("num_envs", num_envs);
    visit("reward", reward);
  }
  std::string validate() const { return num_envs < 1 ? "num_envs must be at least 1" : ""; }
};

struct RunConfig {
  std::uint64_t seed = 1;
  std::int64_t env_steps = 1000;
  bool is_recorded = false;
  double timeout = 1.0;
  std::string name = "run";
  Backend backend = Backend::kMujoco;
  std::optional<double> target_kl;
  std::vector<int> hidden = {256, 128};
  std::array<double, 2> range = {0.0, 1.0};
  std::map<std::string, double> gains = {{"hip", 20.0}};
  std::vector<std::pair<std::string, double>> weights = {{"upright", 1.0}, {"alive", 0.5}};
  std::vector<LayerConfig> layers;
  EnvConfig env;
  void fields(auto&& visit) {
    visit("seed", seed);
    visit("env_steps", env_steps);
    visit("is_recorded", is_recorded);
    visit("timeout", timeout);
    visit("name", name);
    visit("backend", backend);
    visit("target_kl", target_kl);
    visit("hidden", hidden);
    visit("range", range);
    visit("gains", gains);
    visit("weights", weights);
    visit("layers", layers);
    visit("env", env);
  }
};

RunConfig read(const std::string& yaml) {
  RunConfig config;
  read_config(parse_yaml(yaml, "run.yaml"), config);
  return config;
}

RunConfig read_with(const std::vector<std::string>& overrides, const std::string& yaml = "") {
  Node root = parse_yaml(yaml, "run.yaml");
  for (const std::string& assignment : overrides) {
    apply_override(root, assignment);
  }
  RunConfig config;
  read_config(root, config);
  return config;
}

template <typename Function>
std::string error_of(Function&& function) {
  try {
    function();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

std::string error_in(const std::string& yaml) {
  return error_of([&] { read(yaml); });
}

TEST(ConfigReaderTest, NamedFieldsAreSetAndOthersKeepTheirDefaults) {
  const RunConfig config = read("seed: 7\nenv:\n  reward: {tracking: 2.5}\n");
  EXPECT_EQ(config.seed, 7U);
  EXPECT_EQ(config.env.reward.tracking, 2.5F);
  EXPECT_EQ(config.env.reward.action_rate_l2.weight, -0.1);
  EXPECT_EQ(config.env.num_envs, 16);
}

TEST(ConfigReaderTest, EveryTypeIsRead) {
  const RunConfig config = read(R"(
seed: 18446744073709551615
env_steps: 2e8
is_recorded: true
timeout: .inf
name: "12"
backend: lanes
target_kl: 0.01
hidden: [512, 256, 128]
range: [-.inf, +3]
gains: {knee: 40, hip: 21.5}
weights:
  energy: -1e-4
  alive: 0.25
layers:
  - {size: 8}
  - {activation: tanh}
)");
  EXPECT_EQ(config.seed, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(config.env_steps, 200'000'000);
  EXPECT_TRUE(config.is_recorded);
  EXPECT_EQ(config.timeout, std::numeric_limits<double>::infinity());
  EXPECT_EQ(config.name, "12");
  EXPECT_EQ(config.backend, Backend::kLanes);
  EXPECT_EQ(config.target_kl, 0.01);
  EXPECT_EQ(config.hidden, (std::vector<int>{512, 256, 128}));
  EXPECT_EQ(config.range, (std::array<double, 2>{-std::numeric_limits<double>::infinity(), 3.0}));
  EXPECT_EQ(config.gains, (std::map<std::string, double>{{"hip", 21.5}, {"knee", 40.0}}));
  const std::vector<std::pair<std::string, double>> weights = {
      {"upright", 1.0}, {"alive", 0.25}, {"energy", -1e-4}};
  EXPECT_EQ(config.weights, weights);
  ASSERT_EQ(config.layers.size(), 2U);
  EXPECT_EQ(config.layers[0].size, 8);
  EXPECT_EQ(config.layers[1].size, 64);
  EXPECT_EQ(config.layers[1].activation, "tanh");
}

TEST(ConfigReaderTest, AnEmptyConfigOrSectionChangesNothing) {
  EXPECT_EQ(read("# only a comment\n").seed, 1U);
  EXPECT_EQ(read("env:\n  # num_envs: 3\n").env.num_envs, 16);
  EXPECT_EQ(read("target_kl: null\n").target_kl, std::nullopt);
}

TEST(ConfigReaderTest, AnUnknownKeyNamesItsPlaceAndTheNearestKey) {
  EXPECT_EQ(error_in("seed: 1\nenv:\n  num_env: 3\n"),
            "run.yaml:3:3: 'env.num_env' is not a field here; did you mean 'num_envs'?");
  EXPECT_EQ(error_in("hiden: [1]\n"),
            "run.yaml:1:1: 'hiden' is not a field here; did you mean 'hidden'?");
  EXPECT_EQ(error_in("env: {reward: {zzzzzz: 1}}"),
            "run.yaml:1:16: 'env.reward.zzzzzz' is not a field here; known here: action_rate_l2, "
            "tracking");
  EXPECT_EQ(error_in("layers: [{size: 1}, {sise: 2}]"),
            "run.yaml:1:22: 'layers.1.sise' is not a field here; did you mean 'size'?");
}

TEST(ConfigReaderTest, AWrongTypeSaysWhatWasGivenAndExpected) {
  EXPECT_EQ(error_in("env:\n  num_envs: many\n"),
            "run.yaml:2:3: 'env.num_envs' expects a whole number, given 'many'");
  EXPECT_EQ(error_in("env: {num_envs: 2.5}"),
            "run.yaml:1:7: 'env.num_envs' expects a whole number, given '2.5'");
  EXPECT_EQ(error_in("env: {num_envs: '2'}"),
            "run.yaml:1:7: 'env.num_envs' expects a whole number, given the text '2'");
  EXPECT_EQ(error_in("timeout: [1, 2]"),
            "run.yaml:1:1: 'timeout' expects a number, given a sequence");
  EXPECT_EQ(error_in("timeout: 1.0s"), "run.yaml:1:1: 'timeout' expects a number, given '1.0s'");
  EXPECT_EQ(error_in("timeout:"), "run.yaml:1:1: 'timeout' expects a number, given nothing");
  EXPECT_EQ(error_in("is_recorded: 1"),
            "run.yaml:1:1: 'is_recorded' expects true or false, given '1'");
  EXPECT_EQ(error_in("name: {a: b}"), "run.yaml:1:1: 'name' expects a text, given a map");
  EXPECT_EQ(error_in("hidden: 256"),
            "run.yaml:1:1: 'hidden' expects a sequence like [1, 2], given '256'");
  EXPECT_EQ(error_in("hidden:\n  - 1\n  - two\n"),
            "run.yaml:3:5: 'hidden.1' expects a whole number, given 'two'");
  EXPECT_EQ(error_in("range: [1, 2, 3]"), "run.yaml:1:1: 'range' expects 2 values, given 3");
  EXPECT_EQ(error_in("gains: [1]"),
            "run.yaml:1:1: 'gains' expects a map of keys, given a sequence");
  EXPECT_EQ(error_in("env: 3"), "run.yaml:1:1: 'env' expects a map of keys, given '3'");
  EXPECT_EQ(error_in("backend: lane"),
            "run.yaml:1:1: 'backend' expects one of mujoco, lanes, cuda, given 'lane'; did you "
            "mean 'lanes'?");
  EXPECT_EQ(error_in("backend: quantum"),
            "run.yaml:1:1: 'backend' expects one of mujoco, lanes, cuda, given 'quantum'");
}

TEST(ConfigReaderTest, NumbersThatDoNotFitAreRefused) {
  EXPECT_EQ(error_in("env: {num_envs: 3000000000}"),
            "run.yaml:1:7: 'env.num_envs' expects a whole number from -2147483648 to 2147483647, "
            "given '3000000000'");
  for (const char* text : {"seed: -1",          "seed: 18446744073709551616",
                           "env_steps: 1e30",   "env_steps: -1e300",
                           "env_steps: 0x10",   "env: {num_envs: 1e10}",
                           "seed: inf",         "seed: .inf",
                           "seed: 1e",          "seed: +-1",
                           "timeout: 1e999",    "timeout: nan",
                           "timeout: .nan",     "timeout: NaN",
                           "timeout: infinity", "timeout: 0x1p3",
                           "timeout: --1",      "timeout: +",
                           "timeout: 1,5",      "timeout: --inf",
                           "timeout: 'inf'",    "env: {reward: {tracking: 1e39}}"}) {
    EXPECT_NE(error_in(text).find("expects"), std::string::npos) << text << ": " << error_in(text);
  }
}

TEST(ConfigReaderTest, InfinityIsReadWithAndWithoutItsPoint) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const std::string text : {"inf", "Inf", "INF", ".inf", ".Inf", ".INF"}) {
    EXPECT_EQ(read("timeout: " + text).timeout, kInfinity) << text;
    EXPECT_EQ(read("timeout: +" + text).timeout, kInfinity) << text;
    EXPECT_EQ(read("timeout: -" + text).timeout, -kInfinity) << text;
    EXPECT_EQ(read_with({"timeout=-" + text}).timeout, -kInfinity) << text;
  }
}

TEST(ConfigReaderTest, AFailedCheckPointsAtTheKeyItNames) {
  EXPECT_EQ(error_in("env:\n  reward: {}\n  num_envs: 0\n"),
            "run.yaml:3:3: 'env.num_envs' must be at least 1");
  EXPECT_EQ(error_of([] { read_with({"env.num_envs=-4"}, "env: {num_envs: 4}"); }),
            "command line: 'env.num_envs' must be at least 1");
}

TEST(ConfigReaderTest, OverridesWinOverTheFile) {
  const RunConfig config =
      read_with({"env.reward.action_rate_l2.weight=-0.2", "hidden=[8, 4]", "name=a=b",
                 "env.num_envs=1", "env.num_envs=2", "weights.alive=3", "layers=[{size: 3}]"},
                "hidden: [1]\nenv:\n  num_envs: 9\n  reward: {tracking: 4}\n");
  EXPECT_EQ(config.env.reward.action_rate_l2.weight, -0.2);
  EXPECT_EQ(config.env.reward.tracking, 4.0F);
  EXPECT_EQ(config.hidden, (std::vector<int>{8, 4}));
  EXPECT_EQ(config.name, "a=b");
  EXPECT_EQ(config.env.num_envs, 2);
  EXPECT_EQ(config.weights[1].second, 3.0);
  EXPECT_EQ(config.layers.at(0).size, 3);
}

TEST(ConfigReaderTest, AMistakeOnTheCommandLineIsReportedThere) {
  EXPECT_EQ(error_of([] { read_with({"env.reward.traking=1"}); }),
            "command line: 'env.reward.traking' is not a field here; did you mean 'tracking'?");
  EXPECT_EQ(error_of([] { read_with({"env.num_envs=many"}); }),
            "command line: 'env.num_envs' expects a whole number, given 'many'");
  EXPECT_EQ(error_of([] { read_with({"hidden=[1, 2"}); }),
            "command line: 'hidden' has a value that is no YAML: [1, 2");
  EXPECT_EQ(error_of([] { read_with({"env.num_envs"}); }),
            "command line: 'env.num_envs' is no override; expected key.path=value");
  for (const char* text : {"=1", ".a=1", "a.=1", "a..b=1"}) {
    EXPECT_NE(error_of([&] { read_with({text}); }).find("is no override"), std::string::npos);
  }
  EXPECT_EQ(error_of([] { read_with({"env.num_envs.x=1"}); }),
            "command line: 'env.num_envs' expects a whole number, given a map");
}

TEST(ConfigReaderTest, AnOverrideIsToldFromAName) {
  EXPECT_TRUE(is_override("env.num_envs=3"));
  EXPECT_TRUE(is_override("seed="));
  EXPECT_FALSE(is_override("go1-flat"));
  EXPECT_FALSE(is_override("--seed=3"));
  EXPECT_FALSE(is_override("runs/a=b"));
  EXPECT_FALSE(is_override("=3"));
}

std::optional<Node> find_base(const std::string& name) {
  if (name == "go1-flat") {
    return parse_yaml("base: go1\nseed: 5\nenv: {num_envs: 64}\n", "go1-flat.yaml");
  }
  if (name == "go1") {
    return parse_yaml("name: go1\nseed: 4\nenv: {reward: {tracking: 9}}\n", "go1.yaml");
  }
  if (name == "circle") {
    return parse_yaml("base: circle\n", "circle.yaml");
  }
  return std::nullopt;
}

TEST(ConfigReaderTest, LaterConfigsWinOverTheirBase) {
  const Node root = parse_yaml("base: go1-flat\nenv: {num_envs: 128}\n", "mine.yaml");
  RunConfig config;
  read_config(resolve_bases(root, find_base), config);
  EXPECT_EQ(config.name, "go1");
  EXPECT_EQ(config.seed, 5U);
  EXPECT_EQ(config.env.num_envs, 128);
  EXPECT_EQ(config.env.reward.tracking, 9.0F);
}

TEST(ConfigReaderTest, AMistakeInABaseIsReportedInItsFile) {
  const auto find_bad = [](const std::string&) {
    return std::optional(parse_yaml("seed: x\n", "bad.yaml"));
  };
  RunConfig config;
  EXPECT_EQ(error_of([&] {
              read_config(resolve_bases(parse_yaml("base: bad", "mine.yaml"), find_bad), config);
            }),
            "bad.yaml:1:1: 'seed' expects a whole number, given 'x'");
}

TEST(ConfigReaderTest, ABaseIsANameThatExistsAndNoCircle) {
  const auto error = [](const std::string& yaml) {
    return error_of([&] { resolve_bases(parse_yaml(yaml, "mine.yaml"), find_base); });
  };
  EXPECT_EQ(error("base: h1"), "mine.yaml:1:1: 'base' there is no config 'h1'");
  for (const char* path : {"base: ../secret", "base: /etc/passwd", "base: a\\b", "base: ..",
                           "base: a/../b", "base: a/", "base: [go1]", "base: {a: b}", "base:"}) {
    EXPECT_NE(error(path).find("expects a name, not a path"), std::string::npos) << path;
  }
  EXPECT_EQ(error("base: volley/h1"), "mine.yaml:1:1: 'base' there is no config 'volley/h1'");
  EXPECT_NE(error("base: circle").find("a circle?"), std::string::npos);
}

TEST(ConfigReaderTest, PartOfAFileIsReadWithItsKeysInFull) {
  Node root = parse_yaml("env:\n  num_env: 1\n", "run.yaml");
  const std::optional<Node> part = root.take("env");
  ASSERT_TRUE(part.has_value());
  EXPECT_TRUE(root.entries.empty());
  EnvConfig config;
  EXPECT_EQ(error_of([&] { read_config(*part, config, "env"); }),
            "run.yaml:2:3: 'env.num_env' is not a field here; did you mean 'num_envs'?");
}

TEST(ConfigDumpTest, ADumpReadsBackToTheSameValues) {
  RunConfig config;
  config.seed = std::numeric_limits<std::uint64_t>::max();
  config.env_steps = std::numeric_limits<std::int64_t>::min();
  config.timeout = -std::numeric_limits<double>::infinity();
  config.name = "quoted \"x\": \\ #no\n\ttab \x7f \xc3\xa9";
  config.backend = Backend::kCuda;
  config.target_kl = 0.1;
  config.hidden = {};
  config.range = {0.1, 5e-324};
  config.gains = {{"hip", 0.0}, {"true", 1.0 / 3.0}, {"a: b", 1e22}};
  config.layers = {{.size = 1, .activation = "null"}, {.size = 2, .activation = ""}};
  config.env.reward.tracking = 0.1F;
  const std::string text = dump(config);
  const RunConfig back = read(text);
  EXPECT_EQ(dump(back), text);
  EXPECT_EQ(back.seed, config.seed);
  EXPECT_EQ(back.env_steps, config.env_steps);
  EXPECT_EQ(back.timeout, config.timeout);
  EXPECT_EQ(back.name, config.name);
  EXPECT_EQ(back.range, config.range);
  EXPECT_EQ(back.gains, config.gains);
  EXPECT_EQ(back.layers[1].activation, "");
  EXPECT_EQ(back.env.reward.tracking, 0.1F);
}

TEST(ConfigDumpTest, TheDumpIsCompleteAndReadable) {
  EXPECT_EQ(dump(RunConfig{}), R"(seed: 1
env_steps: 1000
is_recorded: false
timeout: 1.0
name: run
backend: mujoco
target_kl: null
hidden: [256, 128]
range: [0.0, 1.0]
gains:
  hip: 20.0
weights:
  upright: 1.0
  alive: 0.5
layers: []
env:
  num_envs: 16
  reward:
    action_rate_l2:
      weight: -0.1
    tracking: 1.0
)");
}

TEST(ConfigDumpTest, EveryFloatReadsBackToItsBits) {
  std::uint32_t bits = 1;
  for (int trial = 0; trial < 20000; ++trial) {
    bits = bits * 1664525U + 1013904223U;
    RunConfig config;
    std::memcpy(&config.env.reward.tracking, &bits, sizeof bits);
    const std::uint64_t wide = (std::uint64_t{bits} << 32) | (bits * 2654435761U);
    std::memcpy(&config.timeout, &wide, sizeof wide);
    if (std::isnan(config.env.reward.tracking) || std::isnan(config.timeout)) {
      continue;
    }
    Node number{.kind = Node::Kind::kScalar};
    float narrow = 0.0F;
    number.scalar = scalar_text(config.env.reward.tracking);
    read_scalar(number, "", narrow);
    EXPECT_EQ(std::memcmp(&narrow, &bits, sizeof bits), 0) << number.scalar;
    double real = 0.0;
    number.scalar = scalar_text(config.timeout);
    read_scalar(number, "", real);
    EXPECT_EQ(std::memcmp(&real, &wide, sizeof wide), 0) << number.scalar;
  }
}

}  // namespace
}  // namespace fleet::config
