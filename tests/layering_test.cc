// The layout, as a test: who may include whom, and which third party has its door where.
// Change a table on purpose or not at all. Each rule is also shown a small tree that breaks it.

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fleet {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

using Names = std::set<std::string>;

const std::map<std::string, Names> kMayInclude{
    {"cuda", {}},
    {"sim", {"cuda"}},
    {"tasks", {"cuda", "sim"}},
    {"envs", {"cuda", "sim", "tasks"}},
    {"agents", {"cuda", "envs"}},  // and of envs/ only what leads to neither tasks/ nor sim/
    {"apps", {"cuda", "sim", "tasks", "envs", "agents"}},
};

/// Includes that start so may only be reached from these folders.
const std::map<std::string, Names> kDoors{
    {"torch/", {"agents"}},     {"ATen/", {"agents"}},
    {"c10/", {"agents"}},       {"mujoco/", {"sim", "tasks", "envs", "apps"}},
    {"yaml-cpp/", {"apps"}},    {"CLI/", {"apps"}},
    {"spdlog/", {"apps"}},      {"nlohmann/", {"apps"}},
    {"GLFW/", {"apps"}},        {"imgui", {"apps"}},
    {"cuda_runtime", {"cuda"}}, {"onnx", {"apps"}},
};

/// Words that mean printing or writing a file: for apps/ only.
const std::vector<std::string> kOnlyInApps{
    "<iostream>", "<print>", "<fstream>", "cout",    "cerr",     "printf(",
    "fprintf(",   "puts(",   "fopen(",    "fwrite(", "ofstream", "create_directories(",
};

/// The text of every source file, without comments, by its name from the root ("sim/mj_view.h").
using Tree = std::map<std::string, std::string>;

std::string folder_of(const std::string& path) { return path.substr(0, path.find('/')); }

std::string without_comments(const std::string& text) {
  std::string code;
  for (std::size_t at = 0; at < text.size();) {
    if (text.compare(at, 2, "//") == 0) {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.compare(at, 2, "/*") == 0) {
      const std::size_t end = text.find("*/", at + 2);
      at = end == std::string::npos ? text.size() : end + 2;
    } else {
      code += text[at++];
    }
  }
  return code;
}

Tree read_tree(const fs::path& root) {
  const Names endings{".h", ".cc", ".cu", ".cuh"};
  Tree tree;
  for (const auto& [folder, allowed] : kMayInclude) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.is_regular_file() && endings.contains(entry.path().extension().string())) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        tree[fs::relative(entry.path(), root).generic_string()] = without_comments(text);
      }
    }
  }
  return tree;
}

/// What a file includes, as it stands there with its quotes or angle brackets.
std::vector<std::string> includes_of(const std::string& code) {
  constexpr std::string_view kInclude = "#include ";
  std::vector<std::string> includes;
  for (std::size_t at = 0; (at = code.find(kInclude, at)) != std::string::npos;) {
    at += kInclude.size();
    includes.push_back(code.substr(at, code.find_first_of("\">\n", at + 1) - at + 1));
  }
  return includes;
}

std::string bare(const std::string& include) { return include.substr(1, include.size() - 2); }

/// What a file reaches through its includes, with the chain of files that leads there.
std::map<std::string, std::string> reached_from(const std::string& name, const Tree& tree) {
  std::map<std::string, std::string> chains{{name, name}};
  std::vector<std::string> open{name};
  while (!open.empty()) {
    const std::string from = open.back();
    open.pop_back();
    for (const std::string& include : includes_of(tree.at(from))) {
      const std::string to = bare(include);
      if (chains.emplace(to, chains[from] + " > " + to).second && tree.contains(to)) {
        open.push_back(to);
      }
    }
  }
  return chains;
}

// The rules. Each lists what breaks it.

std::vector<std::string> forbidden_folders(const Tree& tree) {
  std::vector<std::string> found;
  for (const auto& [name, code] : tree) {
    const std::string own = folder_of(name);
    for (const auto& [to, chain] : reached_from(name, tree)) {
      const std::string folder = folder_of(to);
      if (folder != own && tree.contains(to) && !kMayInclude.at(own).contains(folder)) {
        found.push_back(chain);
      }
    }
  }
  return found;
}

std::vector<std::string> forbidden_doors(const Tree& tree) {
  std::vector<std::string> found;
  for (const auto& [name, code] : tree) {
    for (const auto& [to, chain] : reached_from(name, tree)) {
      for (const auto& [start, folders] : kDoors) {
        if (to.starts_with(start) && !folders.contains(folder_of(name))) {
          found.push_back(chain);
        }
      }
    }
  }
  return found;
}

/// Ours are included with quotes and from the root, all others with angle brackets.
std::vector<std::string> misquoted(const Tree& tree) {
  std::vector<std::string> found;
  for (const auto& [name, code] : tree) {
    for (const std::string& include : includes_of(code)) {
      if (include.starts_with('"') != tree.contains(bare(include))) {
        found.push_back(name + " > " + include);
      }
    }
  }
  return found;
}

/// True where a word stands on its own: "puts(" does not stand in "inputs(".
bool contains_word(const std::string& code, const std::string& word) {
  for (std::size_t at = 0; (at = code.find(word, at)) != std::string::npos; ++at) {
    if (at == 0 ||
        (std::isalnum(static_cast<unsigned char>(code[at - 1])) == 0 && code[at - 1] != '_')) {
      return true;
    }
  }
  return false;
}

std::vector<std::string> printing_below_apps(const Tree& tree) {
  std::vector<std::string> found;
  for (const auto& [name, code] : tree) {
    for (const std::string& word : kOnlyInApps) {
      if (folder_of(name) != "apps" && contains_word(code, word)) {
        found.push_back(name + ": " + word);
      }
    }
  }
  return found;
}

std::vector<std::string> misplaced_device_code(const Tree& tree) {
  std::vector<std::string> found;
  for (const auto& [name, code] : tree) {
    const bool is_device_code = name.ends_with(".cu") || name.ends_with(".cuh");
    if (is_device_code && folder_of(name) != "cuda" && folder_of(name) != "tasks") {
      found.push_back(name);
    }
  }
  return found;
}

/// Sources that no CMakeLists.txt names, and which are therefore neither built nor run.
std::vector<std::string> unlisted_sources(const fs::path& root) {
  Names listed;
  std::vector<fs::path> sources;
  for (const char* folder : {"cuda", "sim", "tasks", "envs", "agents", "apps", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension == ".cc" || extension == ".cu") {
        sources.push_back(entry.path());
      } else if (entry.path().filename() == "CMakeLists.txt") {
        std::ifstream file(entry.path());
        for (std::string word; file >> word;) {
          listed.insert(fs::path(word.substr(0, word.find(')'))).filename().string());
        }
      }
    }
  }
  std::vector<std::string> found;
  for (const fs::path& source : sources) {
    if (!listed.contains(source.filename().string())) {
      found.push_back(fs::relative(source, root).generic_string());
    }
  }
  return found;
}

TEST(LayeringTest, TheTreeIsRead) {
  const Tree tree = read_tree(FLEET_SOURCE_DIR);
  EXPECT_TRUE(tree.contains("envs/batch_env.h"));
  EXPECT_TRUE(tree.contains("agents/agent.h"));
}

TEST(LayeringTest, OurTreeKeepsTheRules) {
  const Tree tree = read_tree(FLEET_SOURCE_DIR);
  EXPECT_THAT(forbidden_folders(tree), IsEmpty());
  EXPECT_THAT(forbidden_doors(tree), IsEmpty());
  EXPECT_THAT(misquoted(tree), IsEmpty());
  EXPECT_THAT(printing_below_apps(tree), IsEmpty());
  EXPECT_THAT(misplaced_device_code(tree), IsEmpty());
  EXPECT_THAT(unlisted_sources(FLEET_SOURCE_DIR), IsEmpty());
}

TEST(LayeringTest, CudaMayNotIncludeSim) {
  const Tree tree{{"cuda/a.h", "#include \"sim/b.h\"\n"}, {"sim/b.h", ""}};
  EXPECT_THAT(forbidden_folders(tree), ElementsAre("cuda/a.h > sim/b.h"));
}

TEST(LayeringTest, AgentsMayNotReachSimThroughEnvs) {
  const Tree tree{{"agents/a.cc", "#include \"envs/b.h\"\n"},
                  {"envs/b.h", "#include <vector>\n#include \"sim/c.h\"\n"},
                  {"sim/c.h", "#include <mujoco/mujoco.h>\n"}};
  EXPECT_THAT(forbidden_folders(tree), ElementsAre("agents/a.cc > envs/b.h > sim/c.h"));
  EXPECT_THAT(forbidden_doors(tree),
              ElementsAre("agents/a.cc > envs/b.h > sim/c.h > mujoco/mujoco.h"));
}

TEST(LayeringTest, AppsMayNotReachLibTorchThroughAgents) {
  const Tree tree{{"agents/a.h", "#include <torch/torch.h>\n"},
                  {"apps/main.cc", "#include \"agents/a.h\"\n"}};
  EXPECT_THAT(forbidden_doors(tree), ElementsAre("apps/main.cc > agents/a.h > torch/torch.h"));
}

TEST(LayeringTest, OurFilesHaveQuotesAndOthersBrackets) {
  const Tree tree{{"sim/a.h", "#include \"vector\"\n#include <sim/b.h>\n#include \"b.h\"\n"},
                  {"sim/b.h", ""}};
  EXPECT_THAT(misquoted(tree),
              ElementsAre("sim/a.h > \"vector\"", "sim/a.h > <sim/b.h>", "sim/a.h > \"b.h\""));
}

TEST(LayeringTest, OnlyAppsPrints) {
  const Tree tree{{"apps/main.cc", "std::cout << 1;"},
                  {"envs/a.cc", "std::snprintf(text, 8, \"%d\", 1); set_outputs(1);"},
                  {"sim/b.cc", "std::printf(\"b\");"}};
  EXPECT_THAT(printing_below_apps(tree), ElementsAre("sim/b.cc: printf("));
}

TEST(LayeringTest, CommentsDoNotCount) {
  EXPECT_EQ(without_comments("a // #include \"sim/b.h\"\n/* std::cout */b"), "a \nb");
}

TEST(LayeringTest, DeviceCodeLiesInCudaAndTasksOnly) {
  const Tree tree{{"agents/a.cu", ""}, {"cuda/a.cu", ""}, {"tasks/walk/a.cuh", ""}};
  EXPECT_THAT(misplaced_device_code(tree), ElementsAre("agents/a.cu"));
}

}  // namespace
}  // namespace fleet
