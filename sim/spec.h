#pragma once

#include <memory>
#include <string>

#include <mujoco/mujoco.h>

// An mjSpec, the editable form of a model, and its elements.

namespace fleet::sim {

struct SpecDeleter {
  void operator()(mjSpec* spec) const { mj_deleteSpec(spec); }
};
using SpecPtr = std::unique_ptr<mjSpec, SpecDeleter>;

inline std::string name_of(mjsElement* element) { return mjs_getString(mjs_getName(element)); }

template <class F>
void for_each_element(mjSpec* spec, mjtObj type, F&& f) {
  for (mjsElement* e = mjs_firstElement(spec, type); e != nullptr;) {
    mjsElement* const next = mjs_nextElement(spec, e);
    f(e);
    e = next;
  }
}

inline void delete_all(mjSpec* spec, mjtObj type) {
  for_each_element(spec, type, [&](mjsElement* element) { mjs_delete(spec, element); });
}

}  // namespace fleet::sim
