// Starts Swagger UI on the document that this daemon serves. Nothing is fetched from elsewhere.

// Swagger UI sends every example. Those of parameters that may be left out are told in words instead.
function told(parameter) {
  if (parameter.required || !parameter.schema) return parameter;
  const { example, ...rest } = parameter;
  const { example: inner, examples, ...schema } = parameter.schema;
  const one = example ?? inner ?? examples?.[0];
  const description = (parameter.description ?? "") + (one === undefined ? "" : ` For example \`${one}\`.`);
  return { ...rest, schema, description };
}

function toldInAll(spec) {
  const operations = Object.values(spec.paths ?? {}).flatMap((path) => Object.values(path));
  for (const operation of operations) {
    if (operation.parameters) operation.parameters = operation.parameters.map(told);
  }
  return spec;
}

const examples = {
  statePlugins: { spec: { wrapActions: { updateJsonSpec: (update) => (spec) => update(toldInAll(spec)) } } },
};

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  tryItOutEnabled: true,
  plugins: [examples],
});
