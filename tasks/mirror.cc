#include "tasks/mirror.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "sim/model.h"

namespace fleet::tasks {
namespace {

std::string swapped(const sim::Symmetry& symmetry, const std::string& name) {
  for (const auto& [left, right] : symmetry.swap) {
    for (const auto& [from, to] : {std::pair(left, right), std::pair(right, left)}) {
      if (const std::size_t at = name.find(from); at != std::string::npos) {
        return std::string(name).replace(at, from.size(), to);
      }
    }
  }
  return name;
}

}  // namespace

Mirror mirror_of_names(const std::vector<std::string>& names, const sim::Symmetry& symmetry,
                       bool with_signs, const std::string& owner) {
  Mirror mirror;
  for (const std::string& name : names) {
    const auto source = std::ranges::find(names, swapped(symmetry, name));
    if (source == names.end()) {
      throw std::runtime_error(owner + ": symmetry: '" + name + "' has no mirror image");
    }
    const bool negate =
        with_signs && std::ranges::any_of(symmetry.negate, [&](const std::string& pattern) {
          return sim::matches(name, pattern);
        });
    mirror.source.push_back(static_cast<int>(source - names.begin()));
    mirror.sign.push_back(negate ? -1.0F : 1.0F);
  }
  return mirror;
}

Mirror mirror_of_signs(std::vector<float> sign) {
  Mirror mirror{.source = {}, .sign = std::move(sign)};
  for (std::size_t i = 0; i < mirror.sign.size(); ++i) {
    mirror.source.push_back(static_cast<int>(i));
  }
  return mirror;
}

Mirror mirror_of_vector() { return mirror_of_signs({1.0F, -1.0F, 1.0F}); }
Mirror mirror_of_rotation() { return mirror_of_signs({-1.0F, 1.0F, -1.0F}); }
Mirror mirror_of_command() { return mirror_of_signs({1.0F, -1.0F, -1.0F}); }

Mirror nested(const Mirror& mirror, const Mirror& inner) {
  Mirror result;
  for (const int source : mirror.source) {
    for (std::size_t k = 0; k < inner.source.size(); ++k) {
      result.source.push_back(source * static_cast<int>(inner.source.size()) + inner.source[k]);
      result.sign.push_back(inner.sign[k]);
    }
  }
  return result;
}

void append(const Mirror& term, Mirror& row) {
  const int offset = static_cast<int>(row.source.size());
  for (std::size_t i = 0; i < term.source.size(); ++i) {
    row.source.push_back(offset + term.source[i]);
    row.sign.push_back(term.sign[i]);
  }
}

}  // namespace fleet::tasks
