export default { vu: { idInInstance: 1, idInTest: 1, metrics: { tags: {} as Record<string, string> } } }
