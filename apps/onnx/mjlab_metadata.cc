#include "apps/onnx/mjlab_metadata.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/files/file_error.h"

namespace fleet::onnx_files {
namespace {

using files::FileError;

constexpr double kLargest = 1e9;
constexpr double kLongestHistory = 1'000.0;
constexpr std::size_t kMostItems = 1'000;

template <class T>
std::string csv(const std::vector<T>& values) {
  return fmt::format("{}", fmt::join(values, ","));  // doubles: the fewest digits that say it all
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> items(1);
  for (const char character : text) {
    if (character == separator) {
      items.emplace_back();
    } else {
      items.back() += character;
    }
  }
  return items;
}

/// Metadata of one file, item by item.
class CsvReader {
 public:
  CsvReader(const Metadata& metadata, const std::string& file) : metadata_(metadata), file_(file) {}

  std::vector<std::string> texts(const char* key) const {
    const auto found = metadata_.find(key);
    check(found != metadata_.end(), key, "is missing");
    check(found->second.size() <= 100'000, key, "is longer than 100000 characters");
    std::vector<std::string> items = split(found->second, ',');
    check(items.size() <= kMostItems, key, "has more than 1000 items");
    for (const std::string& item : items) {
      check(!item.empty() && item.size() <= 200, key,
            "has an item of no or more than 200 characters");
    }
    return items;
  }
  std::vector<double> numbers(const char* key, std::size_t size) const {
    std::vector<double> values;
    for (const std::string& item : texts(key)) {
      values.push_back(number(item, key));
    }
    if (values.size() == 1 && size > 1) {
      values.assign(size, values[0]);  // mjlab writes one number where all are equal
    }
    check(values.size() == size, key,
          fmt::format("has {} numbers; joint_names has {}", values.size(), size));
    return values;
  }
  /// For each observation term what its numbers have in common: mjlab joins those of one term by
  /// ';'. Earlier exporters do not write these keys. @param otherwise what a term then has
  std::vector<double> of_terms(const char* key, std::size_t size, double otherwise) const {
    if (!metadata_.contains(key)) {
      return std::vector<double>(size, otherwise);
    }
    std::vector<double> values;
    for (const std::string& item : texts(key)) {
      const std::vector<std::string> numbers = split(item, ';');
      values.push_back(number(numbers[0], key));
      for (const std::string& other : numbers) {
        check(number(other, key) == values.back(), key,
              "'" + files::one_line(item, 40) + "' differs within a term; expected one number");
      }
    }
    check(values.size() == size, key,
          fmt::format("has {} terms; observation_names has {}", values.size(), size));
    return values;
  }
  /// Refuses what would change an observation unseen.
  void require_unclipped(const char* key) const {
    if (metadata_.contains(key)) {
      for (const std::string& item : texts(key)) {
        check(item == "-inf;inf", key,
              "'" + files::one_line(item, 40) + "': observations are not clipped here");
      }
    }
  }

 private:
  double number(const std::string& text, const char* key) const {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    check(!text.empty() && *end == '\0' && std::abs(value) <= kLargest, key,
          "'" + files::one_line(text, 40) + "' is no sensible number");
    return value;
  }
  void check(bool holds, const char* key, const std::string& problem) const {
    if (!holds) {
      throw FileError(file_, std::string("metadata '") + key + "'", problem);
    }
  }

  const Metadata& metadata_;
  const std::string& file_;
};

/// Numbers of an observation term of mjlab's velocity task; 0: not among them.
int dim_of(const std::string& name, int num_joints) {
  if (name == "joint_pos" || name == "joint_vel" || name == "actions") {
    return num_joints;
  }
  const bool has_three = name == "base_lin_vel" || name == "base_ang_vel" ||
                         name == "projected_gravity" || name == "command";
  return has_three ? 3 : 0;
}

}  // namespace

Metadata mjlab_metadata(const PolicyRecord& record) {
  const PolicyContract& contract = record.contract;
  std::vector<std::string> names, flattened, histories, clips;
  std::vector<double> scales;
  for (const ObservationTerm& term : record.observation) {
    names.push_back(term.name);
    scales.push_back(term.scale);
    histories.emplace_back("0");
    flattened.emplace_back("1");
    clips.emplace_back("-inf;inf");
  }
  Metadata metadata{{"run_path", record.provenance.task},
                    {"joint_names", csv(contract.action_names)},
                    {"default_joint_pos", csv(contract.action_offset)},
                    {"action_scale", csv(contract.action_scale)},
                    {"command_names", contract.command_names.empty() ? "" : "twist"},
                    {"observation_names", csv(names)},
                    {"observation_terms_scale", csv(scales)},
                    {"observation_terms_clip", csv(clips)},
                    {"observation_terms_history_length", csv(histories)},
                    {"observation_terms_flatten_history_dim", csv(flattened)}};
  if (record.is_position_driven()) {
    metadata["joint_stiffness"] = csv(contract.stiffness);
    metadata["joint_damping"] = csv(contract.damping);
  }
  return metadata;
}

std::optional<PolicyRecord> read_mjlab_metadata(const Metadata& metadata, const std::string& file) {
  if (!metadata.contains("joint_names") || !metadata.contains("observation_names")) {
    return std::nullopt;
  }
  const CsvReader in(metadata, file);
  PolicyRecord record;
  PolicyContract& contract = record.contract;
  contract.action_names = in.texts("joint_names");
  const std::size_t n = contract.action_names.size();
  contract.stiffness = in.numbers("joint_stiffness", n);
  contract.damping = in.numbers("joint_damping", n);
  contract.action_offset = in.numbers("default_joint_pos", n);
  contract.action_scale = in.numbers("action_scale", n);
  contract.action_bound.assign(n, std::numeric_limits<double>::infinity());
  const std::vector<std::string> names = in.texts("observation_names");
  const std::vector<double> scales = in.of_terms("observation_terms_scale", names.size(), 1.0);
  const std::vector<double> history =
      in.of_terms("observation_terms_history_length", names.size(), 0.0);
  in.require_unclipped("observation_terms_clip");
  for (std::size_t i = 0; i < names.size(); ++i) {
    ObservationTerm term;
    term.name = names[i];
    const double rows = std::clamp(history[i], 1.0, kLongestHistory);
    term.dim = dim_of(names[i], static_cast<int>(n)) * static_cast<int>(rows);
    term.scale = scales[i];
    record.observation.push_back(term);
  }
  return record;
}

}  // namespace fleet::onnx_files
